// Waits for jobs to change, all of a process's waits in one poll of the store.
import { type JobRecord, type StoredJob, isEnded, keyOf } from '../records/job.ts';
import type { Store } from '../records/store.ts';

/** Between two looks while anybody waits, in milliseconds. */
const lookEvery = 150;
const atOnce = 500;

type Listener = (job: JobRecord | undefined) => void;

export class JobWatch {
  readonly #store: Store;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #versions = new Map<string, string | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Calls back with the job whenever its record has changed, `undefined` once it is gone. Answers how to stop. */
  subscribe(id: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    // Who comes while it closes is sent away like everybody else, once they know how to stop.
    if (this.#closed) queueMicrotask(() => listener(undefined));
    // Forgotten, so that the next look tells the newcomer as well.
    this.#versions.delete(id);
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.#look(), lookEvery);
    return () => {
      listeners.delete(listener);
      // Stopped twice, it must not take away what came after it.
      if (listeners.size > 0 || this.#listeners.get(id) !== listeners) return;
      this.#listeners.delete(id);
      this.#versions.delete(id);
    };
  }

  /** Resolves with the job once it has ended, or as it is after `milliseconds`, or when the caller went away. */
  ended(id: string, milliseconds: number, gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop();
        clearTimeout(timer);
        gone.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      const stop = this.subscribe(id, (job) => {
        if (job === undefined || isEnded(job)) done();
      });
      gone.addEventListener('abort', done);
    });
  }

  /** Ends every wait and every stream. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const listener of [...this.#listeners.values()].flatMap((listeners) => [...listeners])) listener(undefined);
    this.#listeners.clear();
  }

  async #look(): Promise<void> {
    const ids = [...this.#listeners.keys()];
    for (let from = 0; from < ids.length; from += atOnce) {
      const some = ids.slice(from, from + atOnce);
      // A store that can't be reached now is looked at again; whoever waits has a time-out of their own.
      const { records } = await this.#store.read(some.map(keyOf.job)).catch(() => ({ records: undefined }));
      some.forEach((id, index) => records && this.#tell(id, records[index] as StoredJob | undefined));
    }
    this.#timer =
      this.#closed || this.#listeners.size === 0 ? undefined : setTimeout(() => void this.#look(), lookEvery);
  }

  #tell(id: string, job: StoredJob | undefined): void {
    if (!this.#listeners.has(id)) return;
    const known = this.#versions.has(id);
    if (known && this.#versions.get(id) === job?.version) return;
    this.#versions.set(id, job?.version);
    for (const listener of this.#listeners.get(id) ?? []) listener(job?.value);
  }
}
