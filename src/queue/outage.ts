// Reports an unreachable store in few lines: when it goes, once a minute, and when it is back. Without this, every
// worker of every queue would log it several times a second. Other errors are always logged.
import type { Logger } from 'pino';
import { isStoreTrouble } from '../records/store-trouble.ts';

export interface Outage {
  /** Logs the error, unless it says that the store is gone and that has been logged already. */
  met(error: Error, about?: Readonly<Record<string, unknown>>, message?: string): void;
  close(): void;
}

export interface OutageSettings {
  /** The store's name for the log: `Redis`. */
  readonly what: string;
  readonly log: Logger;
  /** Asks the store for anything. Rejects while it is gone. */
  readonly probe: () => Promise<unknown>;
  /** Time between two probes, and between two lines in the log; milliseconds. Tests shorten them. */
  readonly lookEvery?: number;
  readonly sayEvery?: number;
}

export function createOutage({ what, log, probe, lookEvery = 1_000, sayEvery = 60_000 }: OutageSettings): Outage {
  let gone: { readonly since: number; said: number; errors: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const seconds = (since: number) => Math.round((performance.now() - since) / 1_000);
  const look = async () => {
    const isBack = await probe().then(
      () => true,
      () => false,
    );
    if (gone === undefined) return;
    const { since, errors } = gone;
    if (isBack) {
      gone = undefined;
      return log.info({ seconds: seconds(since), errors }, `${what} is back`);
    }
    if (performance.now() - gone.said >= sayEvery) {
      gone.said = performance.now();
      log.warn({ seconds: seconds(since), errors }, `${what} is still gone`);
    }
    lookLater();
  };
  const lookLater = () => {
    timer = setTimeout(() => void look(), lookEvery).unref();
  };
  return {
    met(error, about = {}, message = what) {
      if (!isStoreTrouble(error)) return log.warn({ ...about, reason: error.message }, message);
      if (gone !== undefined) {
        gone.errors += 1;
        return;
      }
      const now = performance.now();
      gone = { since: now, said: now, errors: 1 };
      log.warn(
        { ...about, reason: error.message },
        `${what} can’t be reached; nothing is lost, and work goes on once it is back`,
      );
      lookLater();
    },
    close() {
      gone = undefined;
      clearTimeout(timer);
    },
  };
}
