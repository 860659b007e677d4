// The life of a job as one table: what becomes of a job in each phase when something happens to it. Pure: it reads no clock
// and no store, and asks nothing of AWS. lifecycle.ts finds out what happened, commits the job, and carries the effect out.
import type { FaultMeaning, Json, Observation, Operation, Refusal } from '../operation.ts';
import type { Fault } from '../aws/faults.ts';
import {
  type EventState,
  type JobBase,
  type JobFollowing,
  type JobIn,
  type JobInLine,
  type JobLooking,
  type JobOver,
  type JobRecord,
  type JobResting,
  type JobSettling,
  type LiveJob,
  type Outcome,
  type Phase,
  type TerminalState,
  noTrouble,
} from '../records/job.ts';
import { type Bounds, backoff, firstPoll, nextPoll, settleTime } from './cadence.ts';
import { refusalOf, remember } from './error-policy.ts';

/** What happened to a job. `seen` is what a look at AWS showed. */
export type Happening =
  /** The visit's look was answered: by `prepare` in `look`, `find` in `settle`, `poll` in `follow`, either in `rest`. */
  | { readonly type: 'looked'; readonly seen: Observation }
  /** The operator's rules, or the record itself, speak against going on. */
  | { readonly type: 'not-admitted'; readonly refusal: Refusal }
  /** A wish to cancel, or the deadline, was noticed right before the intent. */
  | { readonly type: 'stopped-short' }
  /** A hold is on, so the changing call doesn't start. */
  | { readonly type: 'held'; readonly seen: Observation }
  /** The changing call is about to be sent. */
  | { readonly type: 'intended'; readonly seen: Observation }
  /** The gate stayed shut: certainly nothing was sent. */
  | { readonly type: 'not-sent' }
  /** AWS accepted the changing call. */
  | { readonly type: 'accepted'; readonly handle: Json }
  /** A call to AWS failed. `own` is what the operation itself knows of the fault; `submitting`: it was the changing call. */
  | { readonly type: 'failed'; readonly fault: Fault; readonly own?: FaultMeaning; readonly submitting: boolean }
  | { readonly type: 'cancel-requested' }
  | { readonly type: 'deadline-passed' }
  /** Workers died over this job as often in a row as `stallBudget` allows. */
  | { readonly type: 'workers-died' }
  /** The worker doesn't know the operation: a newer version's, or one that is gone. `cancel`: somebody wants it cancelled. */
  | { readonly type: 'operation-unknown'; readonly cancel: boolean }
  /** The settings no longer have the target. */
  | { readonly type: 'target-unknown' }
  /** The job before in the line has ended, and this one got the turn. */
  | { readonly type: 'turn-given' }
  /** What became of the completion event. */
  | { readonly type: 'event-changed'; readonly to: EventState };

export type EventType = Happening['type'];

/** What a transition goes by beside the job and the event. */
export interface Circumstances {
  /** The store's time, in milliseconds. */
  readonly at: number;
  /** From 0 to 1, to spread looks and backoffs. */
  readonly jitter: number;
  /** How often a worker died over this job; the queue's own counter. */
  readonly stalls: number;
  /** Absent where the worker doesn't know the operation. */
  readonly operation?: Pick<Operation, 'kind' | 'timing'> & { readonly unfound?: 'submit-again' | Refusal };
  /** The settings' bounds for the operation's timing. */
  readonly bounds: Bounds;
  /** Whether completion events are sent at all. */
  readonly events: boolean;
}

export type Event<Type extends EventType = EventType> = Extract<Happening, { readonly type: Type }> & Circumstances;

/** What is to be done once the job is committed. Times are the store's, in milliseconds. */
export type Effect =
  | { readonly do: 'nothing' }
  /** Visit the job again then. `throttled`: and slow the queue down. `asked`: AWS accepted the changing call. */
  | { readonly do: 'look-again'; readonly at: number; readonly throttled?: true; readonly asked?: true }
  /** The resource is ready: check the brakes, then intend. Nothing is written before. */
  | { readonly do: 'submit'; readonly seen: Observation }
  /** The intent is committed: make the changing call. */
  | { readonly do: 'send' }
  /** The job has ended: announce it, end joining, and hand the turn over. */
  | { readonly do: 'end' }
  /** The job has ended: announce it, end joining, and keep the turn; visit it again then. */
  | { readonly do: 'rest'; readonly at: number }
  /** The resource is at rest: hand the turn over. */
  | { readonly do: 'hand-over' };

/** `job` is the job that came in where nothing is to be written. */
export interface Step {
  readonly job: JobRecord;
  readonly effect: Effect;
}

/** Visits in a row that may end with the worker's death before the job is given up. */
export const stallBudget = 5;
/** Before another try at a gate that stayed shut, in milliseconds. */
const shutFor = 1_000;
/** Until another worker is asked for an operation that this one doesn't know, in milliseconds. */
const unknownFor = 10_000;

const heldReason = 'A hold is on: no changing call starts.';

/** A pair of phase and event that can't be; `next` throws an error with the reason. */
interface Impossible {
  readonly impossible: string;
}

type Rule<P extends Phase, Type extends EventType> = ((job: JobIn<P>, event: Event<Type>) => Step) | Impossible;

type Transitions = { readonly [P in Phase]: { readonly [Type in EventType]: Rule<P, Type> } };

const nothingAsked: Impossible = { impossible: 'no call to AWS is under way in this phase' };
const onlyBeforeIntent: Impossible = { impossible: 'only a look that found the resource ready leads here' };
const onlyAfterIntent: Impossible = { impossible: 'only a committed intent leads here' };
const onlyInLine: Impossible = { impossible: 'only a job in line is given the turn' };
const onlyEnded: Impossible = { impossible: 'only an ended job has an event' };
const hasEnded: Impossible = { impossible: 'the job has ended, and is not ended again' };

/** The state machine: for every phase and every event, what becomes of the job, or why that can't be. */
export const transitions: Transitions = {
  line: {
    looked: nothingAsked,
    'not-admitted': notAdmitted,
    'stopped-short': nothingAsked,
    held: nothingAsked,
    intended: nothingAsked,
    'not-sent': nothingAsked,
    accepted: nothingAsked,
    failed: nothingAsked,
    'cancel-requested': endCancelled,
    'deadline-passed': endTimedOut,
    'workers-died': endGivenUp,
    'operation-unknown': operationUnknown,
    'target-unknown': (job, event) => endUnknown(job, event, 'target'),
    'turn-given': (job, { at }) => {
      const { reason: _inLine, ...waited } = job;
      return lookAgain(looking(waited, { state: 'waiting', dueAt: at }));
    },
    'event-changed': onlyEnded,
  },

  look: {
    looked: lookedAt,
    'not-admitted': notAdmitted,
    'stopped-short': (job, { at }) => lookAgain(looking(job, { dueAt: at })),
    held: (job, event) => wait(job, event, { ...event.seen, reason: heldReason }),
    intended: (job, event) => {
      const { seen, at } = event;
      const number = job.intents + 1;
      const intent = { number, at, ...(seen.baseline === undefined ? {} : { baseline: seen.baseline }) };
      const next = changed<JobSettling>(job, {
        ...looked(job, event, seen),
        phase: 'settle',
        state: 'running',
        intents: number,
        intent,
        dueAt: at,
      });
      return { job: next, effect: { do: 'send' } };
    },
    'not-sent': onlyAfterIntent,
    accepted: onlyAfterIntent,
    failed: failed,
    'cancel-requested': endCancelled,
    'deadline-passed': endTimedOut,
    'workers-died': endGivenUp,
    'operation-unknown': operationUnknown,
    'target-unknown': (job, event) => endUnknown(job, event, 'target'),
    'turn-given': onlyInLine,
    'event-changed': onlyEnded,
  },

  settle: {
    looked: settled,
    'not-admitted': notAdmitted,
    'stopped-short': onlyBeforeIntent,
    held: onlyBeforeIntent,
    intended: onlyBeforeIntent,
    'not-sent': (job, { at }) => lookAgain(looking(job, { dueAt: at + shutFor })),
    accepted: (job, event) => {
      const dueAt = event.at + firstPoll(operationOf(event).timing, event.bounds);
      const next = changed<JobFollowing>(job, {
        phase: 'follow',
        changed: true,
        handle: event.handle,
        dueAt,
        trouble: calm(job, event),
      });
      return { job: next, effect: { do: 'look-again', at: dueAt, asked: true } };
    },
    failed: failed,
    'cancel-requested': endCancelled,
    'deadline-passed': endTimedOut,
    'workers-died': endGivenUp,
    'operation-unknown': operationUnknown,
    'target-unknown': (job, event) => endUnknown(job, event, 'target'),
    'turn-given': onlyInLine,
    'event-changed': onlyEnded,
  },

  follow: {
    looked: followed,
    'not-admitted': notAdmitted,
    'stopped-short': onlyBeforeIntent,
    held: onlyBeforeIntent,
    intended: onlyBeforeIntent,
    'not-sent': onlyAfterIntent,
    accepted: onlyAfterIntent,
    failed: failed,
    'cancel-requested': endCancelled,
    'deadline-passed': endTimedOut,
    'workers-died': endGivenUp,
    'operation-unknown': operationUnknown,
    'target-unknown': (job, event) => endUnknown(job, event, 'target'),
    'turn-given': onlyInLine,
    'event-changed': onlyEnded,
  },

  rest: {
    looked: (job, event) => {
      const { verdict } = event.seen;
      const isSettled = event.at >= settledAt(job, event);
      const open = verdict === 'ready' || verdict === 'obstacle';
      return verdict === 'pending' || (open && !isSettled) ? restAgain(job, event) : handOver(job);
    },
    'not-admitted': handOver,
    'stopped-short': onlyBeforeIntent,
    held: onlyBeforeIntent,
    intended: onlyBeforeIntent,
    'not-sent': onlyAfterIntent,
    accepted: onlyAfterIntent,
    // A resource that can't be read may still be moving; the deadline ends the rest.
    failed: restAgain,
    'cancel-requested': hasEnded,
    'deadline-passed': handOver,
    'workers-died': handOver,
    'operation-unknown': (job, { at }) => {
      if (at >= job.deadline) return handOver(job);
      const dueAt = Math.min(at + unknownFor, job.deadline);
      return { job: changed<JobResting>(job, { dueAt }), effect: { do: 'rest', at: dueAt } };
    },
    'target-unknown': handOver,
    'turn-given': onlyInLine,
    'event-changed': (job, { to }) => unmoved(changed<JobResting>(job, { event: to })),
  },

  over: {
    looked: hasEnded,
    'not-admitted': hasEnded,
    'stopped-short': hasEnded,
    held: hasEnded,
    intended: hasEnded,
    'not-sent': hasEnded,
    accepted: hasEnded,
    failed: hasEnded,
    'cancel-requested': hasEnded,
    'deadline-passed': hasEnded,
    'workers-died': hasEnded,
    'operation-unknown': hasEnded,
    'target-unknown': hasEnded,
    'turn-given': onlyInLine,
    'event-changed': (job, { to }) => unmoved(changed<JobOver>(job, { event: to })),
  },
};

/** What becomes of the job. Throws where the pair of phase and event is impossible: that is an error of ours. */
export function next(job: JobRecord, event: Event): Step {
  const rule = transitions[job.phase][event.type] as Rule<Phase, EventType>;
  if (typeof rule === 'function') return rule(job as never, event as never);
  throw new Error(`A job in phase ${job.phase} met ${event.type}, which can’t be: ${rule.impossible}.`);
}

/** A job as it begins, in its turn or in line for it. */
export function begin(
  job: Omit<JobBase, 'schema' | 'polls' | 'transition' | 'intents' | 'changed' | 'trouble'>,
  inLine: boolean,
): JobInLine | JobLooking {
  const fresh = { schema: 1, polls: 0, transition: 1, intents: 0, changed: false, trouble: noTrouble } as const;
  if (!inLine) return { ...job, ...fresh, phase: 'look', state: 'queued', dueAt: job.createdAt };
  const reason = 'In line: another job has the turn of this resource.';
  // The end of the turn before wakes it; until then only its deadline is due.
  return { ...job, ...fresh, phase: 'line', state: 'waiting', reason, dueAt: job.deadline };
}

// Looking: done already, under way, in the way, out of reach, or to be asked for.
function lookedAt(job: JobLooking, event: Event<'looked'>): Step {
  const { seen } = event;
  const { kind } = operationOf(event);
  const isChanging = kind !== 'watch';
  if (seen.verdict === 'ready' && isChanging) return { job, effect: { do: 'submit', seen } };
  // What a launch has not launched itself is only in its way: there is nothing of its own to follow yet.
  const inTheWay = kind === 'launch' && seen.verdict === 'pending' && seen.handle === undefined;
  if (seen.verdict === 'ready' || seen.verdict === 'obstacle' || inTheWay) return wait(job, event, seen);
  // A handle of something launched: an earlier effect was found whose intent the store has lost.
  const isAdopted = isChanging && seen.handle !== undefined;
  const knownChange = isAdopted ? 'unknown' : job.changed;
  if (seen.verdict === 'pending') return follow(job, event, { changed: knownChange, handle: seen.handle });
  return endAsSeen(job, event, knownChange);
}

// Settling: the change was tried and its answer isn't known. It is observed, and never blindly asked for again.
function settled(job: JobSettling, event: Event<'looked'>): Step {
  const { seen, at } = event;
  // A status that no table knows is no sign of the change, unless it is the status of what the change has made.
  const isSign = !seen.unknown || seen.handle !== undefined;
  if (seen.verdict === 'pending' && isSign) return follow(job, event, { changed: true, handle: seen.handle });
  if (seen.verdict === 'succeeded') return endAsSeen(job, event, true);
  if (seen.verdict === 'failed' || seen.verdict === 'cancelled') return endAsSeen(job, event, 'unknown');
  const until = settledAt(job, event);
  if (at < until) {
    const dueAt = Math.min(at + pace(job, event, seen), until, job.deadline);
    return lookAgain(changed<JobSettling>(job, { ...looked(job, event, seen), trouble: calm(job, event), dueAt }));
  }
  const { unfound = 'submit-again' } = operationOf(event);
  if (unfound === 'submit-again') return lookAgain(looking(job, { changed: 'unknown', dueAt: at }));
  return end(job, event, { state: 'failed', changed: 'unknown', status: seen.status, ...unfound });
}

// Following: one look a visit, until AWS says how it ended.
function followed(job: JobFollowing, event: Event<'looked'>): Step {
  const { seen, at } = event;
  const open = seen.verdict === 'ready' || seen.verdict === 'obstacle';
  const isOthers = job.intent === undefined && job.handle === undefined && operationOf(event).kind !== 'watch';
  // Somebody else's change was followed, and it is gone: the goal is still to be reached.
  if (open && isOthers) return lookAgain(looking(job, { ...looked(job, event, seen), dueAt: at }));
  if (open || seen.verdict === 'pending') return follow(job, event, { handle: seen.handle ?? job.handle });
  return endAsSeen(job, event, job.changed);
}

function failed(job: JobLooking | JobSettling | JobFollowing, event: Event<'failed'>): Step {
  const { fault, own, submitting, at } = event;
  const trouble = remember(job.trouble, fault, submitting);
  const refusal = refusalOf(fault, own, trouble, submitting);
  if (refusal !== undefined) {
    const effect = fault.effect === 'none' ? false : 'unknown';
    const knownChange = submitting ? effect || job.changed : changedSoFar(job);
    const requestId = fault.requestId === undefined ? {} : { requestId: fault.requestId };
    const outcome: Outcome = { state: 'failed', changed: knownChange, ...lastStatus(job), ...refusal, ...requestId };
    // What was asked of AWS goes on, also where it may no longer be read: the turn waits for it.
    return submitting ? end(job, event, outcome) : endKeepingTurn(job, event, outcome);
  }
  const kind = fault.class === 'credentials' ? 'credentials' : 'fault';
  const parts = {
    startedAt: job.startedAt ?? at,
    dueAt: at + backoff(trouble.faults, kind, event.bounds, () => event.jitter),
    reason: `The last visit met trouble, and is made again: ${trouble.code}: ${trouble.message}`,
    trouble: { ...trouble, stalls: event.stalls },
  };
  // Certainly refused: the intent is void, and the state is looked at anew before another try.
  const isVoid = submitting && fault.effect === 'none';
  const waiting =
    job.phase === 'look' || isVoid ? looking(job, { ...parts, state: 'waiting' }) : changed<typeof job>(job, parts);
  const throttled = fault.class === 'throttled' ? { throttled: true as const } : {};
  return { job: waiting, effect: { do: 'look-again', at: parts.dueAt, ...throttled } };
}

// A newer version's operation, while versions change, or one that is gone: left to a worker that knows it.
function operationUnknown(job: LiveJob, event: Event<'operation-unknown'>): Step {
  if (event.at >= job.deadline) return endUnknown(job, event, 'operation');
  if (event.cancel) return endCancelled(job, event);
  if (job.phase === 'line') return unmoved(job);
  const reason = `This worker does not know the operation “${job.operation}”: the job waits for one that does.`;
  const dueAt = Math.min(event.at + unknownFor, job.deadline);
  return lookAgain(
    job.phase === 'look'
      ? looking(job, { state: 'waiting', reason, dueAt })
      : changed<typeof job>(job, { reason, dueAt }),
  );
}

function notAdmitted(job: LiveJob, event: Event<'not-admitted'>): Step {
  // Before the intent nothing was asked, whatever an earlier try left in doubt.
  const knownChange = job.phase === 'line' || job.phase === 'look' ? false : changedSoFar(job);
  return endKeepingTurn(job, event, { state: 'failed', changed: knownChange, ...event.refusal });
}

// Before the intent nothing was called. After it the service only stops following, and the turn waits for the resource.
function endCancelled(job: LiveJob, event: Event): Step {
  const asked = intentOf(job) !== undefined || job.changed !== false;
  const reason = asked
    ? 'Cancelled after AWS was asked; its work goes on, and is no longer followed.'
    : 'Cancelled before this job asked anything of AWS.';
  const outcome = { changed: changedSoFar(job), code: 'cancelled', reason, ...lastStatus(job) };
  return endKeepingTurn(job, event, { state: 'cancelled', ...outcome });
}

function endTimedOut(job: LiveJob, event: Event): Step {
  const { code, message } = job.trouble;
  const trouble = message === undefined ? '' : ` The last trouble: ${code}: ${message}`;
  const reason = `The deadline passed${job.status === undefined ? '' : ` while AWS said “${job.status}”`}.${trouble}`;
  const outcome = { changed: changedSoFar(job), code: 'deadline-passed', reason, ...lastStatus(job) };
  return end(job, event, { state: 'timed-out', ...outcome });
}

function endGivenUp(job: LiveJob, event: Event): Step {
  const reason = `Workers died ${stallBudget} times in a row while they visited this job.`;
  const outcome = { changed: changedSoFar(job), code: 'crashed-repeatedly', reason, ...lastStatus(job) };
  return end(job, event, { state: 'failed', ...outcome });
}

/** For good: the settings, or the registry, have lost what the job is about. */
function endUnknown(job: LiveJob, event: Event, what: 'operation' | 'target'): Step {
  const reason = `This service no longer has the ${what} “${job[what]}”.`;
  return end(job, event, { state: 'failed', changed: changedSoFar(job), code: `unknown-${what}`, reason });
}

/** With the outcome that AWS spoke of. */
function endAsSeen(job: LiveJob, event: Event<'looked'>, knownChange: Outcome['changed']): Step {
  const { verdict, status, code, reason, result } = event.seen;
  const outcome: Outcome = {
    state: verdict as TerminalState,
    changed: knownChange,
    status,
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
    ...(result === undefined ? {} : { result }),
  };
  return end(job, event, outcome, looked(job, event, event.seen));
}

/** The job ends, and hands its turn over. `parts` is what else the last look showed. */
function end(job: LiveJob, event: Circumstances, outcome: Outcome, parts: Parts<JobOver> = {}): Step {
  const ended = changed<JobOver>(job, { ...parts, ...endedAs(outcome, event), phase: 'over', dueAt: undefined });
  return { job: ended, effect: { do: 'end' } };
}

/** The job ends; where AWS was asked for its change, it keeps its turn until the resource rests. */
function endKeepingTurn(job: LiveJob, event: Circumstances, outcome: Outcome): Step {
  if (!job.takesTurn || intentOf(job) === undefined) return end(job, event, outcome);
  // The deaths of before are the job's; those of its rest are counted anew.
  const trouble = { ...job.trouble, stalls: event.stalls };
  const resting = changed<JobResting>(job, { ...endedAs(outcome, event), phase: 'rest', trouble });
  return { job: resting, effect: { do: 'rest', at: resting.dueAt } };
}

function endedAs(outcome: Outcome, { at, events }: Circumstances) {
  return {
    state: outcome.state,
    outcome,
    event: events ? 'pending' : 'off',
    finishedAt: at,
    ...(outcome.status === undefined ? {} : { status: outcome.status }),
  } as const;
}

function handOver(job: JobResting): Step {
  return { job: changed<JobOver>(job, { phase: 'over', dueAt: undefined }), effect: { do: 'hand-over' } };
}

/** Nothing is changed that the event tells of: it may be out, and says the same whenever it is sent. */
function restAgain(job: JobResting, event: Circumstances): Step {
  const dueAt = Math.min(event.at + pace(job, event, undefined), job.deadline);
  const trouble = { ...job.trouble, stalls: event.stalls };
  return { job: changed<JobResting>(job, { dueAt, trouble }), effect: { do: 'rest', at: dueAt } };
}

function wait(job: JobLooking, event: Circumstances, seen: Observation): Step {
  const dueAt = Math.min(event.at + pace(job, event, seen), job.deadline);
  const parts = { ...looked(job, event, seen), trouble: calm(job, event), dueAt };
  return lookAgain(looking(job, { ...parts, state: 'waiting' }));
}

function follow(
  job: JobLooking | JobSettling | JobFollowing,
  event: Event<'looked'>,
  parts: { readonly changed?: Outcome['changed']; readonly handle: Json | undefined },
): Step {
  const { seen } = event;
  const dueAt = Math.min(event.at + pace(job, event, seen), job.deadline);
  const common = { ...looked(job, event, seen), trouble: calm(job, event), dueAt };
  return lookAgain(changed<JobFollowing>(job, { ...common, phase: 'follow', state: 'running', ...parts }));
}

/** The job in phase `look`: whatever was intended is void. */
function looking(job: LiveJob, parts: Parts<JobLooking>): JobLooking {
  return changed<JobLooking>(job, { ...parts, phase: 'look', intent: undefined, handle: undefined });
}

function lookAgain(job: Exclude<LiveJob, JobInLine>): Step {
  return { job, effect: { do: 'look-again', at: job.dueAt } };
}

function unmoved(job: JobRecord): Step {
  return { job, effect: { do: 'nothing' } };
}

function looked(job: JobBase, { at }: Circumstances, seen: Observation) {
  return {
    startedAt: job.startedAt ?? at,
    polls: job.polls + 1,
    status: seen.status,
    reason: seen.reason,
    progress: seen.progress ?? job.progress,
  };
}

/** No fault in a row any more; the budgets of a whole life stay. */
function calm({ trouble: { bugs, refusals } }: JobBase, { stalls }: Circumstances): JobBase['trouble'] {
  return { ...noTrouble, bugs, refusals, stalls };
}

function pace(job: JobBase, event: Circumstances, seen: Observation | undefined): number {
  return nextPoll(operationOf(event).timing, seen, job.polls, event.bounds, () => event.jitter);
}

function settledAt({ intent }: JobSettling | JobResting, event: Circumstances): number {
  return intent.at + settleTime(operationOf(event).timing, event.bounds);
}

function operationOf({ operation }: Circumstances): NonNullable<Circumstances['operation']> {
  if (operation === undefined) throw new Error('This transition takes an operation that the worker knows.');
  return operation;
}

/** Between the intent and its answer nobody knows. */
function changedSoFar(job: LiveJob): Outcome['changed'] {
  return job.phase === 'settle' ? 'unknown' : job.changed;
}

function intentOf(job: LiveJob) {
  return job.phase === 'settle' || job.phase === 'follow' ? job.intent : undefined;
}

function lastStatus({ status }: JobBase): { status?: string } {
  return status === undefined ? {} : { status };
}

type Parts<Job> = { readonly [Name in keyof Job]?: Job[Name] | undefined } & { readonly [name: string]: unknown };

/** The record with these parts changed; `undefined` takes a part out. The caller's type says what it has become. */
function changed<Job extends JobRecord>(job: JobRecord, parts: Parts<Job>): Job {
  const entries = Object.entries({ ...job, ...parts, transition: job.transition + 1 });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as unknown as Job;
}
