// Bounded waits: what doesn't happen within `patience` is reported by name, with what was seen until then.
import { patience } from './patience.ts';

/** Settles as `awaited` does. Rejects once `patience` is over, with `what` and the result of `seen`. */
export async function inTime<Result>(
  awaited: Promise<Result>,
  what: string,
  seen: () => string = () => '',
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const giveUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${patience} ms for ${what}.\n${seen()}`)), patience);
  });
  try {
    return await Promise.race([awaited, giveUp]);
  } finally {
    clearTimeout(timer);
  }
}
