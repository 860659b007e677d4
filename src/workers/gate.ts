// The last check before a changing call is sent: whether this worker still has the job, and whether little time has
// passed. It stops a process that was frozen while another worker took the job over.
import type { Gate } from '../operation.ts';

/** A worker's lock on its queue job. */
export interface JobLock {
  /** Asks the queue whether this worker still has the job, and extends the lock. */
  holds(): Promise<boolean>;
  /** How many workers ever died over this job, by the queue's own counter. */
  readonly stalls: number;
}

/** Nothing was sent. `lost`: another worker has the job now. */
class GateClosed extends Error {
  readonly lost: boolean;
  constructor(reason: string, lost: boolean) {
    super(reason);
    this.name = 'GateClosed';
    this.lost = lost;
  }
}

/** The most time from asking for the lock to sending, and from the intent to sending; milliseconds. */
const freshFor = 2_000;
const armedFor = 15_000;

/** A gate for one changing call. `closed` says why the call wasn't sent, because the SDK wraps the error. */
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

/**
 * Milliseconds since now, by the faster of two clocks: the steady one stops while a machine sleeps, the other can be
 * set.
 */
function elapsed(): () => number {
  const [wall, steady] = [Date.now(), performance.now()];
  return () => Math.max(Date.now() - wall, performance.now() - steady);
}
