// What happens to a job, visit by visit, as a story: look, submit once, settle a lost answer, follow, end, let the
// resource rest. Every step is committed before the next begins, so that a crash between any two lines resumes at the
// same line. Knows nothing of BullMQ.
import type { Json, Observation } from '../operation.ts';
import { keyOf } from '../records/job.ts';
import {
  type VisitContext,
  type Next,
  type Dependencies,
  again,
  calm,
  end,
  letGo,
  looked,
  pace,
  soon,
  apply,
} from './visit-context.ts';
import { firstPoll, settleTime } from './cadence.ts';
import { type JobLock, gateOf } from './gate.ts';
import { SpanKind, traced } from '../tracing/trace.ts';
import { JobFile, LostJob, StoreTrouble } from './job-file.ts';
import { classify } from './error-policy.ts';
import { leave } from './unknown-operation.ts';
import { endAsSeen, endCancelled, endTimedOut, endUnknown, giveUp, stallBudget } from './ways-to-end.ts';

/** Before another try at a gate that stayed shut, in milliseconds. */
const shutFor = 1_000;

/** One visit. Rejects with `LostJob` when another worker has the job, and with the store's errors. */
export async function visitJob(allDeps: Dependencies, id: string, lock: JobLock): Promise<Next> {
  const file = await JobFile.open(allDeps.store, id, allDeps.stopwatch);
  if (file === undefined) return { next: 'gone' };
  const { operation, target, resource, trace, phase } = file.job;
  const attributes = {
    'messaging.system': 'bullmq',
    'messaging.operation.type': 'process',
    'messaging.message.id': id,
    'neptune_ops.operation': operation,
    'neptune_ops.target': target,
    'neptune_ops.resource': resource,
    'neptune_ops.phase': phase,
  };
  const plan = { name: `visit ${operation}`, kind: SpanKind.CONSUMER, attributes, parent: trace };
  return traced(plan, async (span) => {
    const next = await visitOpened(allDeps, file, lock);
    span?.setAttribute('neptune_ops.state', file.job.state);
    return next;
  });
}

async function visitOpened(allDeps: Dependencies, file: JobFile, lock: JobLock): Promise<Next> {
  const { job, cancel, now } = file;
  const { id } = job;
  const world = { ...allDeps, log: allDeps.log.child({ job: id, operation: job.operation, resource: job.resource }) };
  world.onVisit?.(job, now);
  if (job.phase === 'over') return { next: 'over', job };

  const operation = world.operationOf(job.operation);
  const aws = world.awsOf(job.target);
  if (operation === undefined) return leave({ deps: world, file, lock });
  // What has ended is not ended again: its event may be out.
  if (aws === undefined)
    return job.phase === 'rest' ? letGo({ file }) : endUnknown({ deps: world, file, lock }, 'target');
  const input = job.input;
  const visit = { job: { id, createdAt: job.createdAt }, target: job.target, input, aws, now };
  const ctx: VisitContext = { deps: world, file, lock, operation, visit };

  if (lock.stalls - job.trouble.stalls >= stallBudget) return giveUp(ctx);
  if (job.phase === 'rest') return rest(ctx);
  if (cancel !== undefined) return endCancelled(ctx);
  if (now >= job.deadline) return endTimedOut(ctx);
  if (job.phase === 'line') return { next: 'in-line', job };
  try {
    return await { look, settle, follow }[job.phase](ctx);
  } catch (error) {
    if (error instanceof LostJob || error instanceof StoreTrouble) throw error;
    return apply(ctx, classify(error, operation, file.job, world));
  }
}

// 1. Look: done already, under way, in the way, out of reach, or to be asked for.
async function look(ctx: VisitContext): Promise<Next> {
  const { operation, visit, deps, file } = ctx;
  const refusal = operation.admit?.(visit.input, deps.policyOf(visit.target));
  if (refusal) return end(ctx, { state: 'failed', changed: false, ...refusal });
  const seen = await operation.prepare(visit);
  // A handle of something launched: an earlier effect was found whose intent the store has lost.
  const adopted = operation.submit !== undefined && seen.handle !== undefined;
  const changed = adopted ? 'unknown' : file.job.changed;
  if (seen.verdict === 'ready' && operation.submit) return submit(ctx, seen);
  // What a launch has not launched itself is only in its way: there is nothing of its own to follow yet.
  const inTheWay = operation.kind === 'launch' && seen.verdict === 'pending' && seen.handle === undefined;
  if (seen.verdict === 'ready' || seen.verdict === 'obstacle' || inTheWay)
    return again(ctx, seen, { state: 'waiting' });
  if (seen.verdict === 'pending')
    return again(ctx, seen, { phase: 'follow', state: 'running', changed, handle: seen.handle });
  return endAsSeen(ctx, seen, changed);
}

// 2. Submit: the intent is committed before the call, the call is made once, its answer is committed.
async function submit(ctx: VisitContext, seen: Observation): Promise<Next> {
  const { operation, visit, file, deps } = ctx;
  const held = () => again(ctx, { ...seen, reason: 'A hold is on: no changing call starts.' }, { state: 'waiting' });
  const before = await brakes(ctx);
  if (before.cancelled || before.at >= file.job.deadline) return soon(ctx, {});
  if (before.held) return held();
  const secret = (await operation.arm?.(visit, seen.baseline ?? null)) ?? '';
  const brake = await brakes(ctx);
  if (brake.cancelled || brake.at >= file.job.deadline) return soon(ctx, {});
  if (brake.held) return held();
  const number = file.job.intents + 1;
  const intent = { number, at: brake.at, ...(seen.baseline === undefined ? {} : { baseline: seen.baseline }) };
  await file.write({
    ...looked(ctx, seen),
    phase: 'settle',
    state: 'running',
    intents: number,
    intent,
    dueAt: brake.at,
  });

  const gate = gateOf(ctx.lock);
  let handle: Json;
  try {
    if (operation.submit === undefined) throw new Error(`${operation.name} has nothing to submit.`);
    handle = await operation.submit(visit, intent, gate.pass, secret);
  } catch (error) {
    if (gate.closed?.lost) throw new LostJob(file.job.id);
    // The gate stayed shut, so certainly nothing was sent: the intent is taken back.
    if (gate.closed) return soon(ctx, { phase: 'look', intent: undefined }, shutFor);
    return apply(ctx, classify(error, operation, file.job, deps, { secret, submitting: true }), 'submitting');
  }
  const dueAt = file.now + firstPoll(operation.timing, deps.bounds);
  await file.write({ phase: 'follow', changed: true, handle, dueAt, trouble: calm(ctx) });
  return { next: 'again', at: dueAt, job: file.job, asked: true };
}

/** What stands against a changing call at the last moment: the emergency brake, or somebody's wish to cancel. */
async function brakes({ file }: VisitContext): Promise<{ at: number; cancelled: boolean; held: boolean }> {
  const keys = [keyOf.cancel(file.job.id), keyOf.hold('all'), keyOf.hold(file.job.target)];
  const { at, records } = await file.store.read(keys);
  const [cancelled, ...holds] = records.map((record) => record !== undefined);
  return { at, cancelled: cancelled === true, held: holds.includes(true) };
}

// 3. Settle: the change was tried and its answer isn't known. Observe; never blindly ask again.
async function settle(ctx: VisitContext): Promise<Next> {
  const { operation, visit, file, deps } = ctx;
  const { intent } = file.job;
  if (!operation.find || !intent) return soon(ctx, { phase: 'look', intent: undefined });
  const seen = await operation.find(visit, intent);
  // A status that no table knows is no sign of the change, unless it is the status of what the change has made.
  const sign = !seen.unknown || seen.handle !== undefined;
  if (seen.verdict === 'pending' && sign) {
    return again(ctx, seen, { phase: 'follow', changed: true, handle: seen.handle });
  }
  if (seen.verdict === 'succeeded') return endAsSeen(ctx, seen, true);
  if (seen.verdict === 'failed' || seen.verdict === 'cancelled') return endAsSeen(ctx, seen, 'unknown');
  const settledAt = intent.at + settleTime(operation.timing, deps.bounds);
  if (file.now < settledAt) return again(ctx, seen, {}, settledAt);
  if (operation.unfound === 'submit-again') return soon(ctx, { phase: 'look', intent: undefined, changed: 'unknown' });
  return end(ctx, { state: 'failed', changed: 'unknown', status: seen.status, ...operation.unfound });
}

// 4. Follow: one look a visit, until AWS says how it ended.
async function follow(ctx: VisitContext): Promise<Next> {
  const { operation, visit, file } = ctx;
  const { handle, intent } = file.job;
  const seen = await operation.poll(visit, handle ?? null, intent);
  const open = seen.verdict === 'ready' || seen.verdict === 'obstacle';
  // Somebody else's change was followed, and it is gone: the goal is still to be reached.
  if (open && intent === undefined && handle === undefined && operation.submit) {
    return soon(ctx, { ...looked(ctx, seen), phase: 'look' });
  }
  if (open || seen.verdict === 'pending') return again(ctx, seen, { handle: seen.handle ?? handle });
  return endAsSeen(ctx, seen, file.job.changed);
}

// 5. Rest: an ended job keeps its turn while its resource still moves.
async function rest(ctx: VisitContext): Promise<Next> {
  const { file, operation, visit, deps } = ctx;
  const { job } = file;
  if (file.now >= job.deadline || job.intent === undefined) return letGo(ctx);
  const settled = file.now >= job.intent.at + settleTime(operation.timing, deps.bounds);
  let moving = true;
  try {
    const found = job.changed === true ? undefined : await operation.find?.(visit, job.intent);
    const seen = found ?? (await operation.poll(visit, job.handle ?? null, job.intent));
    const open = seen.verdict === 'ready' || seen.verdict === 'obstacle';
    moving = seen.verdict === 'pending' || (open && !settled);
  } catch (error) {
    // What can't be read may still be moving; the deadline ends it.
    deps.log.warn({ err: error }, 'the resource could not be read');
  }
  if (!moving) return letGo(ctx);
  const dueAt = Math.min(file.now + pace(ctx, undefined), job.deadline);
  // Nothing that the event tells of: it may be out, and says the same whenever it is sent.
  await file.write({ dueAt, trouble: { ...job.trouble, stalls: ctx.lock.stalls } });
  return { next: 'resting', job: file.job, at: dueAt };
}
