// Records the requests to the emulator and the changes they made, in order.
import type { Clock } from './clock.ts';
import type { EmulatedApi } from './api-errors.ts';

/** One request. */
export interface RequestRecord {
  at: number;
  api: EmulatedApi;
  /** `''` for a request that was refused before it was parsed. */
  action: string;
  resource?: string;
  /** Data plane only: the instance that answered. */
  instance?: string;
  input: Readonly<Record<string, unknown>>;
  requestId: string;
  /** HTTP status, error code, or `dropped`, `hung`, `unreachable`, `pending`. */
  outcome: number | string;
}

/** One change to the account, made by a request, or by `outsider` (its `requestId` is empty). */
export interface Effect {
  at: number;
  /** The operation that made the change, or `initiate-reset`, `reset`, `send-message`, `outsider`. */
  kind: string;
  resource: string;
  requestId: string;
  detail?: Readonly<Record<string, unknown>>;
}

export type RequestMatch = Partial<Pick<RequestRecord, 'api' | 'action' | 'resource' | 'instance' | 'outcome'>>;

const REMEMBERED_REQUESTS = 100_000;

/** The journal of one emulator. It keeps every effect and the newest 100,000 requests. */
export class Journal {
  readonly #clock: Clock;
  #requests: RequestRecord[] = [];
  #effects: Effect[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Records a request on arrival. Its outcome is filled in with the answer. */
  arrived(api: EmulatedApi, requestId: string): RequestRecord {
    const record: RequestRecord = { at: this.#clock.now(), api, action: '', input: {}, requestId, outcome: 'pending' };
    if (this.#requests.length >= 2 * REMEMBERED_REQUESTS) this.#requests = this.#requests.slice(-REMEMBERED_REQUESTS);
    this.#requests.push(record);
    return record;
  }

  changed(kind: string, resource: string, requestId: string, detail?: Readonly<Record<string, unknown>>): void {
    this.#effects.push({ at: this.#clock.now(), kind, resource, requestId, ...(detail && { detail }) });
  }

  /** The requests that match every member of `match`, in order of arrival. */
  requests(match: RequestMatch = {}): RequestRecord[] {
    const wanted = Object.entries(match) as [keyof RequestMatch, unknown][];
    return this.#requests.filter((record) => wanted.every(([member, value]) => record[member] === value));
  }

  /** The effects, in order. */
  effects(kind?: string, resource?: string): Effect[] {
    return this.#effects.filter(
      (effect) =>
        (kind === undefined || effect.kind === kind) && (resource === undefined || effect.resource === resource),
    );
  }

  clear(): void {
    this.#requests = [];
    this.#effects = [];
  }
}
