// The error that a client throws: the service's refusal, or the reason why there was no answer.
import type { ErrorCode, FieldProblem } from '../errors.ts';

/**
 * `unreachable`: no answer came. `unexpected-answer`: the answer isn't from neptune-ops. `wait-timed-out`: the job goes
 * on. `invalid-settings`: the arguments of `connect` are wrong. All others are the service's own.
 */
export type NeptuneOpsErrorCode =
  ErrorCode | 'unreachable' | 'unexpected-answer' | 'wait-timed-out' | 'invalid-settings' | (string & {});

interface Details {
  /** The HTTP status; absent where no answer came. */
  readonly status?: number | undefined;
  readonly errors?: readonly FieldProblem[] | undefined;
  readonly holder?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** `message` says what to do, and never holds a secret. */
export class NeptuneOpsError extends Error {
  /** Stable, so that code can compare it. */
  readonly code: NeptuneOpsErrorCode;
  /** The HTTP status; `undefined` where no answer came. */
  readonly status: number | undefined;
  /** The wrong fields: `path`, `rule` and perhaps an `example`. */
  readonly errors: readonly FieldProblem[];
  /** For `resource-busy`: the id of the job that changes the resource. */
  readonly holder: string | undefined;
  /** How long the service asked to wait before the next try; milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(code: NeptuneOpsErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'NeptuneOpsError';
    this.code = code;
    this.status = details.status;
    this.errors = details.errors ?? [];
    this.holder = details.holder;
    this.retryAfterMs = details.retryAfterMs;
  }
}
