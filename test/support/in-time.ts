// Waits that end: whatever does not come in `patience` is told by name, with what was seen by then.
import { patience } from './patience.ts';

/** Settles as `awaited` does. Rejects once `patience` is over, with `what` and with what `seen` then answers. */
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
