// A store that is gone, told in a few lines: one when it goes, one a minute, one when it is back. Every worker of every
// queue meets it several times a second. It must never swallow an error that is another one.
import type { Logger } from 'pino';
import { isStoreTrouble } from '../records/store-trouble.ts';

export interface Outage {
  /** Tells of the error, unless it is the store's being gone and that was told of already. */
  met(error: Error, about?: Readonly<Record<string, unknown>>, message?: string): void;
  close(): void;
}

interface OutageSettings {
  /** The store, in words: `Redis`. */
  readonly what: string;
  readonly log: Logger;
  /** Asks the store for anything; rejects while it is gone. */
  readonly probe: () => Promise<unknown>;
  /** Between two looks whether it is back, and between two lines while it isn't; milliseconds. Turned by tests. */
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
