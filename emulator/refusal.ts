// An API's error on its way to the caller.
import { type EmulatedApi, faults, usualFault } from './api-errors.ts';

/** Thrown by an action. The wire turns it into the API's error format. */
export class ApiRefusal extends Error {
  /** The error's class name, e.g. `InvalidDBInstanceStateFault`. */
  readonly code: string;
  /** The code on the wire, e.g. `InvalidDBInstanceState`; for SQS the query-compatible one. */
  readonly wireCode: string;
  readonly status: number;
  /** Further members of the error's shape, e.g. `reason`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    api: EmulatedApi,
    code: string,
    message: string,
    given: { status?: number; members?: Record<string, unknown> },
  ) {
    super(message);
    const known = faults[api][code] ?? 400;
    const [status, wireCode] = typeof known === 'number' ? [known, code] : known;
    this.code = code;
    this.wireCode = wireCode;
    this.status = given.status ?? status;
    this.members = given.members ?? {};
  }
}

/** A refusal with the HTTP status from the table in `api-errors.ts` (400 for an unknown code). */
export function refusal(
  api: EmulatedApi,
  code: string,
  message: string,
  given: { status?: number; members?: Record<string, unknown> } = {},
): ApiRefusal {
  return new ApiRefusal(api, code, message, given);
}

/** "Rate exceeded", in the format of this API. */
export function throttled(api: EmulatedApi): ApiRefusal {
  return refusal(api, usualFault[api].throttled, 'Rate exceeded');
}
