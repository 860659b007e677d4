// The last look before a changing call leaves: is the job still this worker's, and is it still now? Must never let a call
// out of a process that was frozen while somebody else took the job over.
import type { Gate } from '../operation.ts';

/** A worker's hold on the queue's job. */
export interface JobLock {
  /** Asks the queue whether this worker still holds the job, and prolongs its lock. */
  holds(): Promise<boolean>;
  /** How often a worker died over this job, ever; the queue's own counter. */
  readonly stalls: number;
}

/** The gate stayed shut; nothing was sent. `lost`: the job is another worker's now. */
class GateClosed extends Error {
  readonly lost: boolean;
  constructor(reason: string, lost: boolean) {
    super(reason);
    this.name = 'GateClosed';
    this.lost = lost;
  }
}

/** From before the lock was asked to the sending, and from the intent to the sending, in milliseconds. */
const freshFor = 2_000;
const armedFor = 15_000;

/** A gate for one changing call. Its `closed` says why the call wasn't sent, for errors come back wrapped by the SDK. */
export function gateOf(
  lock: JobLock,
  stopwatch: () => number = elapsed(),
): { pass: Gate; readonly closed: GateClosed | undefined } {
  let closed: GateClosed | undefined;
  const shut = (reason: string, lost: boolean): never => {
    closed = new GateClosed(reason, lost);
    throw closed;
  };
  return {
    get closed() {
      return closed;
    },
    async pass() {
      const asked = stopwatch();
      let held: boolean;
      try {
        held = await lock.holds();
      } catch (error) {
        return shut(`The queue could not be asked for the lock: ${(error as Error).message}`, false);
      }
      if (!held) shut('Another worker has the job.', true);
      const now = stopwatch();
      if (now - asked > freshFor || now > armedFor) shut('Too much time passed on the way to AWS.', false);
    },
  };
}

/** Milliseconds since now by the clock that ran further: one stands still while a machine sleeps, the other can be set. */
function elapsed(): () => number {
  const [wall, steady] = [Date.now(), performance.now()];
  return () => Math.max(Date.now() - wall, performance.now() - steady);
}
