// Waits for jobs to change, all of a process's waits and streams in one poll of the store: one read of a job, and one of its
// history, serve all who follow it.
import type { History } from '../records/history.ts';
import { type JobRecord, type StoredJob, isEnded, keyOf } from '../records/job.ts';
import type { Store, Stored } from '../records/store.ts';

/** Time between two polls while anybody waits; milliseconds. */
const lookEvery = 150;
const atOnce = 500;

type Listener = (job: JobRecord | undefined, history: History) => void;

interface Subscription {
  readonly listener: Listener;
  readonly withHistory: boolean;
  /** Told nothing yet. */
  isNew: boolean;
}

interface Followed {
  readonly subscriptions: Set<Subscription>;
  /** Of the record that was told last; absent before the first. */
  told?: { readonly version: string | undefined };
}

export class JobWatch {
  readonly #store: Store;
  readonly #followed = new Map<string, Followed>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Calls back with the job at the next look and whenever its record has changed, `undefined` once it is gone. The history is
   * empty unless it is asked for. Answers how to stop.
   */
  subscribe(id: string, listener: Listener, { withHistory = false } = {}): () => void {
    const followed = this.#followed.get(id) ?? { subscriptions: new Set() };
    const subscription = { listener, withHistory, isNew: true };
    followed.subscriptions.add(subscription);
    this.#followed.set(id, followed);
    // Already closed: the listener is told so once the caller has the function that stops it.
    if (this.#closed) queueMicrotask(() => listener(undefined, []));
    else this.#timer ??= setTimeout(() => void this.#look(), lookEvery);
    return () => {
      followed.subscriptions.delete(subscription);
      // A second call must not remove the listeners that were added since.
      if (followed.subscriptions.size === 0 && this.#followed.get(id) === followed) this.#followed.delete(id);
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
    const all = [...this.#followed.values()].flatMap(({ subscriptions }) => [...subscriptions]);
    for (const { listener } of all) listener(undefined, []);
    this.#followed.clear();
  }

  async #look(): Promise<void> {
    const ids = [...this.#followed.keys()];
    for (let from = 0; from < ids.length; from += atOnce) {
      // A store that can't be reached is polled again. Every waiting caller has its own time-out.
      await this.#lookAt(ids.slice(from, from + atOnce)).catch(() => undefined);
    }
    this.#timer =
      this.#closed || this.#followed.size === 0 ? undefined : setTimeout(() => void this.#look(), lookEvery);
  }

  async #lookAt(ids: readonly string[]): Promise<void> {
    const jobs = (await this.#store.read(ids.map(keyOf.job))).records as (StoredJob | undefined)[];
    const news = ids.flatMap((id, index) => {
      const [followed, job] = [this.#followed.get(id), jobs[index]];
      if (followed === undefined) return [];
      const changed = followed.told === undefined || followed.told.version !== job?.version;
      const toTell = [...followed.subscriptions].filter(({ isNew }) => changed || isNew);
      return toTell.length === 0 ? [] : [{ id, followed, job, toTell }];
    });
    const withHistory = news.filter(({ toTell }) => toTell.some((subscription) => subscription.withHistory));
    const histories = new Map<string, History>();
    if (withHistory.length > 0) {
      const { records } = await this.#store.read(withHistory.map(({ id }) => keyOf.history(id)));
      withHistory.forEach(({ id }, index) => {
        const history = records[index] as Stored<History> | undefined;
        if (history) histories.set(id, history.value);
      });
    }
    for (const { id, followed, job, toTell } of news) {
      followed.told = { version: job?.version };
      for (const subscription of toTell) {
        subscription.isNew = false;
        // Stopped while the history was read.
        if (!followed.subscriptions.has(subscription)) continue;
        subscription.listener(job?.value, subscription.withHistory ? (histories.get(id) ?? []) : []);
      }
    }
  }
}
