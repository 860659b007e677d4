// Waits for jobs to change. All waits of a process share one poll of the store.
import { type JobRecord, type StoredJob, isEnded, keyOf } from '../records/job.ts';
import type { Store } from '../records/store.ts';

/** Time between two polls while anybody waits; milliseconds. */
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

  /**
   * Calls the listener with the job whenever its record has changed, and with `undefined` once it is gone. Returns the
   * function that stops it.
   */
  subscribe(id: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    // Already closed: the listener is told so once the caller has the function that stops it.
    if (this.#closed) queueMicrotask(() => listener(undefined));
    // Forgets the version, so that the next poll calls the new listener too.
    this.#versions.delete(id);
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.#look(), lookEvery);
    return () => {
      listeners.delete(listener);
      // A second call must not remove the listeners that were added since.
      if (listeners.size > 0 || this.#listeners.get(id) !== listeners) return;
      this.#listeners.delete(id);
      this.#versions.delete(id);
    };
  }

  /** Resolves once the job has ended or is gone, after `milliseconds`, or when `gone` aborts. */
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
      // A store that can't be reached is polled again. Every waiting caller has its own time-out.
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
