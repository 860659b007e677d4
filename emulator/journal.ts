// What was asked of the stand-ins and what it changed, in order. It only writes down; it never decides.
import type { Clock } from './clock.ts';
import type { EmulatedApi } from './api-errors.ts';

/** One request. */
export interface RequestRecord {
  at: number;
  api: EmulatedApi;
  /** `''` for a request that was refused before it was understood. */
  action: string;
  resource?: string;
  /** Data plane only: the instance that was asked. */
  instance?: string;
  input: Readonly<Record<string, unknown>>;
  requestId: string;
  /** HTTP status, error code, or `dropped`, `hung`, `unreachable`, `pending`. */
  outcome: number | string;
}

/** One change to the account, made by a request (or by `outsider`, whose `requestId` is empty). */
export interface JournalEffect {
  at: number;
  /** The operation that made the change, or `initiate-reset`, `reset`, `send-message`, `outsider`. */
  kind: string;
  resource: string;
  requestId: string;
  detail?: Readonly<Record<string, unknown>>;
}

export type RequestMatch = Partial<Pick<RequestRecord, 'api' | 'action' | 'resource' | 'instance' | 'outcome'>>;

const REMEMBERED_REQUESTS = 100_000;

/** The record of one set of stand-ins. Keeps every effect and the newest 100,000 requests. */
export class Journal {
  readonly #clock: Clock;
  #requests: RequestRecord[] = [];
  #effects: JournalEffect[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Writes a request down as it arrives; its outcome is filled in when it is answered. */
  arrived(api: EmulatedApi, requestId: string): RequestRecord {
    const record: RequestRecord = { at: this.#clock.now(), api, action: '', input: {}, requestId, outcome: 'pending' };
    if (this.#requests.length >= 2 * REMEMBERED_REQUESTS) this.#requests = this.#requests.slice(-REMEMBERED_REQUESTS);
    this.#requests.push(record);
    return record;
  }

  changed(kind: string, resource: string, requestId: string, detail?: Readonly<Record<string, unknown>>): void {
    this.#effects.push({ at: this.#clock.now(), kind, resource, requestId, ...(detail && { detail }) });
  }

  /** Requests in order of arrival, only those that agree with every member of `match`. */
  requests(match: RequestMatch = {}): RequestRecord[] {
    const wanted = Object.entries(match) as [keyof RequestMatch, unknown][];
    return this.#requests.filter((record) => wanted.every(([member, value]) => record[member] === value));
  }

  /** Effects in order. */
  effects(kind?: string, resource?: string): JournalEffect[] {
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
