// A job of an operation that this worker doesn't know.
import { type Next, letGo } from './visit-context.ts';
import { type Held, endCancelled, endUnknown } from './ways-to-end.ts';

/** Until a worker is asked again, in milliseconds. */
const leftFor = 10_000;

/** A newer version's, while versions change, or one that is gone: left to a worker that knows it, until the deadline. */
export async function leave(ctx: Held): Promise<Next> {
  const { deps: world, file } = ctx;
  const { job, cancel, now } = file;
  const rests = job.phase === 'rest';
  if (now >= job.deadline) return rests ? letGo(ctx) : endUnknown(ctx, 'operation');
  const dueAt = Math.min(now + leftFor, job.deadline);
  if (rests) {
    // Nothing that the event tells of: it may be out, and says the same whenever it is sent.
    await file.write({ dueAt });
    return { next: 'resting', job: file.job, at: dueAt };
  }
  if (cancel !== undefined) return endCancelled(ctx);
  if (job.phase === 'line') return { next: 'in-line', job };
  const reason = `This worker does not know the operation “${job.operation}”: the job waits for one that does.`;
  if (job.reason !== reason) world.log.warn('unknown operation: the job waits for a worker that knows it');
  await file.write({ ...(job.phase === 'look' ? { state: 'waiting' } : {}), reason, dueAt });
  return { next: 'again', at: dueAt, job: file.job };
}
