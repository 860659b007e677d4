// A job's record in a worker's hands during one visit. Every change is a commit against the version it was read at: a
// worker whose commit is refused has lost the job and stops at once.
import { type History, historyChange } from '../records/history.ts';
import { type CancelFlag, type JobRecord, type StoredJob, jobIndexes, keyOf } from '../records/job.ts';
import type { Change, Store, Stored } from '../records/store.ts';

/** Somebody else changed the record: this visit is over, and nothing more may be done in its name. */
export class LostJob extends Error {
  constructor(id: string) {
    super(`Job ${id} was changed by another worker.`);
    this.name = 'LostJob';
  }
}

/** The store could not be reached, or its answer was lost: nothing is known, and the visit is made again later. */
export class StoreTrouble extends Error {
  constructor(cause: unknown) {
    super(`The store could not be reached: ${(cause as Error).message}`, { cause });
    this.name = 'StoreTrouble';
  }
}

/** The store with its trouble told apart from AWS's. */
function named(store: Store): Store {
  const rename = (cause: unknown): never => {
    throw new StoreTrouble(cause);
  };
  return {
    read: (keys) => store.read(keys).catch(rename),
    knownTime: () => store.knownTime(),
    commit: (changes) => store.commit(changes).catch(rename),
    page: (index, request) => store.page<never>(index, request).catch(rename),
    count: (index) => store.count(index).catch(rename),
    prune: (index, entries) => store.prune(index, entries).catch(rename),
    close: () => store.close(),
  };
}

export class JobFile {
  readonly store: Store;
  stored: StoredJob;
  cancel: Stored<CancelFlag> | undefined;
  history: Stored<History> | undefined;
  readonly #at: number;
  readonly #stopwatch: () => number;
  readonly #readAt: number;

  private constructor(store: Store, at: number, stored: StoredJob, stopwatch: () => number) {
    this.#stopwatch = stopwatch;
    this.#readAt = stopwatch();
    this.store = store;
    this.#at = at;
    this.stored = stored;
  }

  static async open(plain: Store, id: string, stopwatch = () => performance.now()): Promise<JobFile | undefined> {
    const store = named(plain);
    const { at, records } = await store.read([keyOf.job(id), keyOf.cancel(id), keyOf.history(id)]);
    const [job, cancel, history] = records as [StoredJob?, Stored<CancelFlag>?, Stored<History>?];
    if (job === undefined) return undefined;
    const file = new JobFile(store, at, job, stopwatch);
    [file.cancel, file.history] = [cancel, history];
    return file;
  }

  get job(): JobRecord {
    return this.stored.value;
  }

  /** The store's time by this process's stopwatch, in milliseconds. */
  get now(): number {
    return Math.round(this.#at + this.#stopwatch() - this.#readAt);
  }

  change(next: JobRecord): Change {
    return { op: 'replace', was: this.stored, value: next, indexes: jobIndexes(next) };
  }

  /** Writes the record as it is now. Throws `LostJob` when somebody else has written it. */
  async write(next: JobRecord): Promise<void> {
    const committed = await this.store.commit([this.change(next), ...historyChange(this.history, next, this.now)]);
    if (!committed.ok) throw new LostJob(this.job.id);
    this.stored = committed.written[0] as StoredJob;
    this.history = (committed.written[1] as Stored<History> | undefined) ?? this.history;
  }
}
