// Reports trouble of the store in few lines: when it begins, once a minute, and when it is over. Without this, every
// worker of every queue would log it several times a second. Other errors are always logged.
import type { Logger } from 'pino';
import { storeTroubleOf } from '../records/store-trouble.ts';

export interface Outage {
  /** Logs the error, unless it is the store's trouble and that has been logged already. */
  met(error: Error, about?: Readonly<Record<string, unknown>>, message?: string): void;
  /** Whether the store is in trouble, as far as this process knows. */
  isOn(): boolean;
  close(): void;
}

interface OutageSettings {
  /** The store's name for the log: `Redis`. */
  readonly what: string;
  readonly log: Logger;
  /** Makes the store write. Rejects while it doesn't. */
  readonly probe: () => Promise<unknown>;
  /** Time between two probes, and between two lines in the log; milliseconds. Tests shorten them. */
  readonly lookEvery?: number;
  readonly sayEvery?: number;
}

/** This many probes in a row must succeed, because a server with almost full memory takes a write now and then. */
const looksToBeBack = 3;

export function createOutage({ what, log, probe, lookEvery = 1_000, sayEvery = 60_000 }: OutageSettings): Outage {
  interface Trouble {
    readonly since: number;
    readonly last: Error;
    readonly said: number;
    readonly errors: number;
    readonly goodLooks: number;
  }
  let trouble: Trouble | undefined;
  let timer: NodeJS.Timeout | undefined;
  const seconds = (since: number) => Math.round((performance.now() - since) / 1_000);
  const look = async () => {
    const error = await probe().then(
      () => undefined,
      (reason: Error) => reason,
    );
    if (trouble === undefined) return;
    trouble = error ? { ...trouble, goodLooks: 0, last: error } : { ...trouble, goodLooks: trouble.goodLooks + 1 };
    const { since, errors, goodLooks, last } = trouble;
    if (goodLooks >= looksToBeBack) {
      trouble = undefined;
      return log.info({ seconds: seconds(since), errors }, `${what} is back`);
    }
    if (performance.now() - trouble.said >= sayEvery) {
      trouble = { ...trouble, said: performance.now() };
      const says = storeTroubleOf(last) ?? 'can’t be reached';
      log.warn({ seconds: seconds(since), errors, reason: last.message }, `${what} still ${says}`);
    }
    lookLater();
  };
  const lookLater = () => {
    timer = setTimeout(() => void look(), lookEvery).unref();
  };
  return {
    met(error, about = {}, message = what) {
      const says = storeTroubleOf(error);
      if (says === undefined) return log.warn({ ...about, reason: error.message }, message);
      if (trouble !== undefined) {
        trouble = { ...trouble, errors: trouble.errors + 1, goodLooks: 0, last: error };
        return;
      }
      const now = performance.now();
      trouble = { since: now, said: now, errors: 1, goodLooks: 0, last: error };
      log.warn(
        { ...about, reason: error.message },
        `${what} ${says}; nothing is lost, and work goes on once that is over`,
      );
      lookLater();
    },
    isOn: () => trouble !== undefined,
    close() {
      trouble = undefined;
      clearTimeout(timer);
    },
  };
}
