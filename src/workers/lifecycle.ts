// One visit of a job: finds out what happens to it, commits what transitions.ts makes of that, and carries the effect out.
// Every step is committed before the next begins, so that a crash between any two lines resumes at the same line.
import { faultOf } from '../aws/faults.ts';
import type { Json, Observation } from '../operation.ts';
import { type JobIn, type JobRecord, isEnded, keyOf } from '../records/job.ts';
import { SpanKind, traced } from '../tracing/trace.ts';
import { finish } from './finish.ts';
import { type JobLock, gateOf } from './gate.ts';
import { JobFile, LostJob, StoreTrouble } from './job-file.ts';
import { type Circumstances, type Effect, type Event, type Happening, next, stallBudget } from './transitions.ts';
import { validateJob } from './validate-input.ts';
import type { Dependencies, JobContext, VisitContext } from './visit-context.ts';

/** What a visit led to: the job as it is now, what the worker is to do about its queue, and the job that got its turn. */
export interface Visited {
  readonly job: JobRecord;
  readonly effect: Exclude<Effect, { do: 'submit' | 'send' }>;
  readonly nextInLine?: JobRecord;
}

/**
 * One visit; `gone` where there is no such job, or not any more. Rejects with `LostJob` when another worker has the job, and
 * with the store's errors.
 */
export async function visitJob(deps: Dependencies, id: string, lock: JobLock): Promise<Visited | 'gone'> {
  const file = await JobFile.open(deps.store, id, deps.stopwatch);
  if (file === undefined) return 'gone';
  const { operation, target, resource, by, trace, phase } = file.job;
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
    const log = deps.log.child({ job: id, operation, resource, by });
    const visited = await visit({ deps: { ...deps, log }, file, lock });
    span?.setAttribute('neptune_ops.state', file.job.state);
    return visited;
  });
}

// What ends or stops a visit before AWS is asked: the job is over; nobody here knows what it is about; workers die over it;
// somebody wants it cancelled; its time is up; another job has the turn. The numbers below are those of docs/architecture.md;
// step 1, the acceptance, is queue/enqueue.ts's.
async function visit(known: JobContext): Promise<Visited> {
  const { deps, file, lock } = known;
  const { job, cancel, now } = file;
  deps.onVisit?.(job, now);
  if (job.phase === 'over') return { job, effect: { do: 'nothing' } };

  const operation = deps.operationOf(job.operation);
  if (operation === undefined) return leaveToAnother(known);
  const aws = deps.awsOf(job.target);
  if (aws === undefined) return step(known, { type: 'target-unknown' });
  const validated = validateJob(operation, job);
  if (!validated.ok) return step({ ...known, operation }, { type: 'not-admitted', refusal: validated.refusal });
  const { id, createdAt, target } = job;
  const ctx: VisitContext = {
    ...known,
    operation,
    visit: { job: { id, createdAt }, target, input: validated.input, aws, now },
  };
  if (lock.stalls - job.trouble.stalls >= stallBudget) return step(ctx, { type: 'workers-died' });
  if (job.phase === 'rest') return rest(ctx, job);
  if (cancel !== undefined) return step(ctx, { type: 'cancel-requested' });
  if (now >= job.deadline) return step(ctx, { type: 'deadline-passed' });
  if (job.phase === 'line') return { job, effect: { do: 'nothing' } };
  try {
    switch (job.phase) {
      case 'look':
        return await look(ctx);
      case 'settle':
        return await settle(ctx, job);
      case 'follow':
        return await follow(ctx, job);
    }
  } catch (error) {
    return meetError(ctx, error);
  }
}

// 2. Look: the present state is read. Where it is ready, the change is submitted in the same visit.
async function look(ctx: VisitContext): Promise<Visited> {
  const { operation, visit: given, deps } = ctx;
  const refusal = operation.admit?.(given.input, deps.policyOf(given.target));
  if (refusal) return step(ctx, { type: 'not-admitted', refusal });
  return step(ctx, { type: 'looked', seen: await operation.prepare(given) });
}

// 3. Submit: the intent is committed before the call, the call is made once, its answer is committed.
async function submit(ctx: VisitContext, seen: Observation): Promise<Visited> {
  const { operation, visit: given, file, lock } = ctx;
  if (operation.kind === 'watch') throw new Error(`${operation.name} has nothing to submit.`);
  const before = await brake(ctx, seen);
  if (before.stop) return step(ctx, before.stop);
  const arm = operation.kind === 'launch' ? operation.arm : undefined;
  const secret = arm ? await arm(given, seen.baseline ?? null) : '';
  // Fetching a secret takes time in which somebody may have cancelled the job or put a hold on.
  const { at, stop } = arm ? await brake(ctx, seen) : before;
  if (stop) return step(ctx, stop);
  await write(ctx, { type: 'intended', seen }, at);
  const { intent } = file.job as JobIn<'settle'>;

  const gate = gateOf(lock);
  let handle: Json;
  try {
    handle = await operation.submit(given, intent, gate.pass, secret);
  } catch (error) {
    if (gate.closed?.lost) throw new LostJob(file.job.id);
    if (gate.closed) return step(ctx, { type: 'not-sent' });
    return meetError(ctx, error, { submitting: true, secret });
  }
  return step(ctx, { type: 'accepted', handle });
}

/** What stands against a changing call at the last moment, by the store's time: a wish to cancel, the deadline, a hold. */
async function brake({ file }: VisitContext, seen: Observation): Promise<{ at: number; stop?: Happening }> {
  const { id, target, deadline } = file.job;
  const { at, records } = await file.store.read([keyOf.cancel(id), keyOf.hold('all'), keyOf.hold(target)]);
  const [cancelled, ...holds] = records.map((record) => record !== undefined);
  if (cancelled || at >= deadline) return { at, stop: { type: 'stopped-short' } };
  return holds.includes(true) ? { at, stop: { type: 'held', seen } } : { at };
}

// 4. Settle: the change was tried and its answer isn't known. Its effect is looked for, and the call is never repeated blindly.
async function settle(ctx: VisitContext, { intent }: JobIn<'settle'>): Promise<Visited> {
  const { operation, visit: given } = ctx;
  // A record of an early release without its intent, or of an operation that once was of another kind, has nothing to look for.
  if (operation.kind === 'watch' || intent === undefined) return step(ctx, { type: 'not-sent' });
  return step(ctx, { type: 'looked', seen: await operation.find(given, intent) });
}

// 5. Follow: one look a visit, until AWS says how it ended.
async function follow(ctx: VisitContext, { handle, intent }: JobIn<'follow'>): Promise<Visited> {
  return step(ctx, { type: 'looked', seen: await ctx.operation.poll(ctx.visit, handle ?? null, intent) });
}

// 7. Rest: an ended job keeps its turn while its resource still moves.
async function rest(ctx: VisitContext, job: JobIn<'rest'>): Promise<Visited> {
  const { operation, visit: given, file, deps } = ctx;
  // Without its intent, as a record of an early release may be, nothing tells what it waits for.
  if (file.now >= job.deadline || job.intent === undefined) return step(ctx, { type: 'deadline-passed' });
  const isLost = job.changed !== true && operation.kind !== 'watch';
  let met: Happening;
  try {
    const seen = isLost
      ? await operation.find(given, job.intent)
      : await operation.poll(given, job.handle ?? null, job.intent);
    met = { type: 'looked', seen };
  } catch (error) {
    deps.log.warn({ err: error }, 'the resource could not be read');
    met = { type: 'failed', fault: faultOf(error), submitting: false };
  }
  return step(ctx, met);
}

/** Told to the log once for each job and reason. */
async function leaveToAnother(ctx: JobContext): Promise<Visited> {
  const { file, deps } = ctx;
  const before = file.job.reason;
  const visited = await step(ctx, { type: 'operation-unknown', cancel: file.cancel !== undefined });
  if (!isEnded(file.job) && file.job.reason !== before)
    deps.log.warn('unknown operation: the job waits for a worker that knows it');
  return visited;
}

/** A fault of AWS, or an error of our own, as something that happened to the job. */
async function meetError(
  ctx: VisitContext,
  error: unknown,
  { submitting = false, secret = '' }: { submitting?: boolean; secret?: string } = {},
): Promise<Visited> {
  if (error instanceof LostJob || error instanceof StoreTrouble) throw error;
  const { deps, file, operation } = ctx;
  const met = faultOf(error);
  const message = secret === '' ? met.message : met.message.replaceAll(secret, '[secret]');
  const fault = { ...met, message };
  const { class: kind, code } = fault;
  if (kind === 'credentials') deps.onCredentials?.(file.job.target, `${code}: ${message}`);
  deps.log[kind === 'bug' ? 'error' : 'warn']({ fault: kind, code, reason: message }, 'fault');
  const own = operation.faults[code];
  return step(ctx, { type: 'failed', fault, submitting, ...(own === undefined ? {} : { own }) });
}

// 6. End, and every other step: commits what becomes of the job, and carries the effect out as far as it is not the queue's.
async function step(ctx: JobContext, happening: Happening): Promise<Visited> {
  const { file, deps } = ctx;
  const { job } = file;
  if (happening.type === 'looked' && happening.seen.unknown && job.phase !== 'rest') reportUnknown(ctx, happening.seen);
  const event = eventOf(ctx, happening, file.now);
  const made = next(job, event);
  const { effect } = made;
  switch (effect.do) {
    case 'nothing':
      return { job, effect };
    case 'submit':
      return submit(ctx as VisitContext, effect.seen);
    case 'send':
      throw new Error('An intent is committed by submit alone.');
    case 'look-again':
      await file.write(made.job);
      return { job: file.job, effect };
    case 'rest':
      if (job.phase === 'rest') {
        await file.write(made.job);
        return { job: file.job, effect };
      }
      break;
    case 'end':
    case 'hand-over':
      break;
  }
  // The store's own time is what an end is dated by; it is never read as earlier than what led to the end.
  const { step: ended, nextInLine } = await finish(file, (at) => next(job, { ...event, at: Math.max(at, event.at) }));
  if (ended.effect.do !== 'hand-over' && isEnded(file.job)) {
    const { state, changed, status, code } = file.job.outcome;
    deps.log.info({ state, changed, status, code }, 'job ended');
  }
  return { job: file.job, effect: ended.effect as Visited['effect'], ...(nextInLine ? { nextInLine } : {}) };
}

async function write(ctx: VisitContext, happening: Happening, at: number): Promise<void> {
  await ctx.file.write(next(ctx.file.job, eventOf(ctx, happening, at)).job);
}

function eventOf({ deps, lock, operation }: JobContext, happening: Happening, at: number): Event {
  const circumstances: Circumstances = {
    at,
    jitter: deps.random(),
    stalls: lock.stalls,
    bounds: deps.bounds,
    events: deps.events,
    ...(operation === undefined ? {} : { operation }),
  };
  return { ...happening, ...circumstances };
}

/** Counted at every look, told once for each status. */
function reportUnknown({ file, deps }: JobContext, { status }: Observation): void {
  deps.onUnknownStatus?.(file.job);
  if (status !== file.job.status) deps.log.warn({ status }, 'unknown AWS status');
}
