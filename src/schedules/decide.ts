// What to do about one resource now, after what should be was judged: ask for a job, take one back, or let it be. The story
// of one resource in one tick.
import type { Sighting } from '../aws/estate.ts';
import type { JobRecord } from '../records/job.ts';
import type { Use } from '../aws/use.ts';
import { consider, isPutOff } from './care.ts';
import { whyDoubted } from './doubt.ts';
import type { Judgement } from './judge.ts';
import type { RunningSchedule } from './schedule.ts';
import type { Sleeper, Task } from './sleeper.ts';
import { anotherSetback, isRefusal, requestFor, takeBack } from './tasks.ts';
import type { Estate, SchedulesWorld } from './world.ts';

export interface Matter {
  readonly sleeper: Sleeper;
  readonly seen: Sighting;
  readonly schedule: RunningSchedule;
  readonly judgement: Judgement;
  /** When the calendar says something else, in milliseconds. */
  readonly boundary: number | undefined;
  /** When the calendar last changed its mind: the stop that is due is this one's. */
  readonly dueSince: number;
  /** The task's job as it is. */
  readonly job: JobRecord | undefined;
  /** When it began to be asked for, where the answer was lost; milliseconds. */
  readonly askedSince: number | undefined;
  readonly held: boolean;
  readonly now: number;
  /** Writes down what is about to be asked for; false when another process decides about the resource right now. */
  remember(sleeper: Sleeper): Promise<boolean>;
}

/** So much earlier a job may seem to be made than it was asked for, in milliseconds. */
const slack = 1_000;
/** A request ends by then, in milliseconds. */
const longest = { stopped: 2 * 3_600_000, snapshot: 4 * 3_600_000 };

/** What is remembered of the resource afterwards. Rejects only when the store can't be reached. */
export async function decide(world: SchedulesWorld, estate: Estate, matter: Matter): Promise<Sleeper> {
  const { seen, judgement, schedule, now } = matter;
  const { should } = judgement;
  const sleeper = tidy(matter, should);
  if (sleeper.task) return takeBack(world, sleeper, { ...matter, should });
  if (should === 'left') return sleeper;
  if (matter.held && should !== seen.condition) return { ...sleeper, waits: 'a hold is on' };
  if (sleeper.setback && now < sleeper.setback.again) return sleeper;
  if (sleeper.doubt && sleeper.done?.goal === should)
    return { ...sleeper, waits: whyDoubted(sleeper.done, schedule.timeZone) };
  if (isPassing(seen, should)) return { ...sleeper, waits: `its status is ${seen.status}, which has to pass first` };
  if (should === 'running' && seen.condition === 'stopped') return ask(world, { ...matter, sleeper }, 'running');
  if (should === 'running' || seen.condition !== 'running') return sleeper;
  if (!seen.settled) return { ...sleeper, waits: 'not all of its instances are available' };
  return putToSleep(world, estate, { ...matter, sleeper });
}

/** What no longer matters is forgotten. */
function tidy({ sleeper, seen: { condition }, dueSince }: Matter, should: Judgement['should']): Sleeper {
  const { postponed, setback, waits: _waits, ...rest } = sleeper;
  const reached = should === condition;
  const stopping = should === 'stopped' && condition !== 'stopped';
  const stillMatters = should === 'left' || setback?.goal === should;
  return {
    ...rest,
    ...(postponed && stopping && postponed.since >= dueSince ? { postponed } : {}),
    ...(setback && !reached && stillMatters ? { setback } : {}),
  };
}

/** Neither as it should be nor on the way there, and nothing can be asked of it. */
function isPassing({ condition }: Sighting, should: 'running' | 'stopped'): boolean {
  if (should === 'running') return condition === 'stopping';
  return condition === 'starting' || condition === 'changing';
}

async function putToSleep(world: SchedulesWorld, estate: Estate, matter: Matter): Promise<Sleeper> {
  const { seen, schedule, boundary, now, dueSince } = matter;
  if (boundary !== undefined && boundary - now < world.shortestSleepMs)
    return { ...matter.sleeper, waits: 'it should run again too soon to be worth a stop' };
  if (isPutOff(matter.sleeper.postponed, now)) return matter.sleeper;
  const { postponed: was, ...sleeper } = matter.sleeper;
  const caution = consider(await useOf(world, estate, seen), was, schedule, now, boundary);
  if (!caution.go) return { ...sleeper, postponed: caution.postponed };
  const needsSnapshot = schedule.care.snapshot && sleeper.snapshotFor !== snapshotTurn(sleeper, dueSince);
  return ask(world, { ...matter, sleeper }, needsSnapshot ? 'snapshot' : 'stopped');
}

/** Neither a look that hangs nor one that fails holds up anything else. */
async function useOf({ useMs = 30_000 }: SchedulesWorld, estate: Estate, seen: Sighting): Promise<Use> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Use>((resolve) => {
    timer = setTimeout(() => resolve({ use: 'unknown', what: 'no answer in time' }), useMs);
  });
  try {
    return await Promise.race([estate.use(seen), late]);
  } catch (error) {
    return { use: 'unknown', what: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}

async function ask(world: SchedulesWorld, matter: Matter, goal: Task['goal']): Promise<Sleeper> {
  const { sleeper, now, boundary, dueSince, askedSince: since = now } = matter;
  // A stop that waited into the morning must not happen then.
  const until = (most: number) => new Date(Math.min(now + most, boundary ?? Infinity)).toISOString();
  const deadline = goal === 'running' ? {} : { deadline: until(longest[goal]) };
  try {
    // Before it is asked for: its effect must never be taken for a person's, even if this process ends right now.
    if (!(await matter.remember({ ...sleeper, task: { goal, job: '', at: since } }))) return sleeper;
    const attempt = sleeper.setback?.count ?? 0;
    // The same name and key however often this attempt is asked for: one snapshot.
    const stamp = stampOf((snapshotTurn(sleeper, dueSince) || now) + attempt * 60_000);
    const key = { idempotencyKey: `${sleeper.resource}/${sleeper.firstSeen}/${stamp}` };
    const once = goal === 'snapshot' ? key : {};
    const request = { ...requestFor(sleeper, goal, stamp), owner: 'schedules', ...once, ...deadline };
    const { job, how } = await world.enqueue(request);
    world.log.info(
      { job: job.id, operation: job.operation, resource: sleeper.resource, schedule: sleeper.schedule },
      'scheduled',
    );
    const isOthers = how === 'joined' && job.createdAt < since - slack;
    return { ...sleeper, task: { goal, job: job.id, at: now, ...(isOthers ? { isJoined: true } : {}) } };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // Whoever changes it now may bring it where it should be.
    if (error.code === 'resource-busy') return { ...sleeper, waits: 'another job is changing it' };
    return { ...sleeper, setback: anotherSetback(sleeper.setback, goal, error.message, now) };
  }
}

/** Which stop a snapshot is for, by a time: every stop has one of its own, also a second one before the next boundary. */
export function snapshotTurn({ done }: Pick<Sleeper, 'done'>, dueSince: number): number {
  return done?.goal === 'stopped' ? Math.max(dueSince, done.at) : dueSince;
}

/** `202611271900`, in UTC. */
function stampOf(at: number): string {
  return new Date(at).toISOString().replace(/\D/g, '').slice(0, 12);
}
