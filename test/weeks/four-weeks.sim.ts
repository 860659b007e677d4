// Four weeks of the reconciler and the lifecycle under a virtual clock: 200 clusters, 50 graphs, faults, people, an outage,
// AWS's seven-day restarts, a change of the clocks. At the end everything is accounted for. Takes minutes: `npm run test:long`.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterStatusAt } from '../../emulator/neptune/clusters.ts';
import { type DueJob, indexOf } from '../../src/records/job.ts';
import { calendarOf } from '../../src/schedules/calendar/calendar.ts';
import { keepOn } from '../../src/schedules/exceptions.ts';
import { governing, runningSchedules } from '../../src/schedules/governing-schedule.ts';
import { createMemory, reconcile } from '../../src/schedules/reconcile/reconcile.ts';
import { readSavings, readSpans } from '../../src/schedules/report/savings.ts';
import type { ScheduleDependencies } from '../../src/schedules/dependencies.ts';
import { Driver, type Outside, openOutside } from '../support/driver.ts';
import { inMemory } from '../support/memory-store.ts';
import { type Happening, happen, plannedHappenings } from './people.ts';
import { type Seen, day, dice, estateOver, hour, minute, plan, populate } from './world.ts';

const weeks = Number(process.env['WEEKS'] ?? 4);
const tickMs = 4 * minute;
/** A Monday; the clocks of Berlin go forward three weeks later, those of New York six days later. */
const start = Date.parse('2027-03-08T00:00:00Z');
const end = start + weeks * 7 * day;
const outage = { from: start + 12 * day, to: start + 14 * day + 6 * hour };
/** From the request to `stopped`: billed, whoever asks. */
const stopTakes = 5 * minute;

/** What really was, sampled at each tick. */
interface Truth {
  stopped: number;
  present: number;
  /** Time in which it could have slept, and of that, asleep. */
  couldSleep: number;
  slept: number;
  /** Since when nothing spoke against sleeping. */
  free?: number;
}

let outside: Outside;
let driver: Driver;
let deps: ScheduleDependencies;
const truths = new Map<string, Truth>();
const seen: Seen = { looks: 0, tagReads: 0, useReads: 0 };
const stoppedInUse: string[] = [];
let ticks = 0;
let stops = 0;

beforeAll(async () => {
  outside = await openOutside(inMemory);
  const { clock, emulator, store } = outside;
  clock.advance(start - clock.now());
  Object.assign(emulator.account.durations, {
    stopMs: stopTakes,
    startMs: 6 * minute,
    graphStopMs: 4 * minute,
    graphStartMs: 5 * minute,
  });
  await populate(emulator.account);
  const random = dice(7);
  emulator.switches.throttle({ probability: 0.01 });
  emulator.switches.add({ does: 'fault', code: 'InternalFailure', api: 'neptune', status: 500, probability: 0.01 });
  emulator.switches.add({ does: 'drop', probability: 0.005 });
  driver = new Driver(outside, { events: false });
  // Looking every few minutes, as between 15 and 60 seconds would only take this test longer.
  Object.assign(driver.deps, { bounds: { pollMin: 2 * minute, pollMax: 4 * minute } });
  driver.deps.log.level = 'silent';
  const inventory = estateOver(emulator.account, random, seen);
  deps = {
    store,
    plan: () => plan,
    targets: [{ name: 'default' }],
    inventoryOf: () => inventory,
    enqueue: (request) => driver.enqueue(request),
    cancel: (job) => driver.cancel(job),
    log: driver.deps.log,
    tickMs,
    tagsMs: hour,
    shortestSleepMs: 900_000,
  };
  await live(plannedHappenings(start, weeks, random));
}, 1_800_000);

afterAll(async () => {
  driver.close();
  await outside.close();
});

async function live(happenings: readonly Happening[]): Promise<void> {
  const memory = createMemory();
  const { clock, emulator } = outside;
  const wishes = new Map<string, number>();
  let next = 0;
  for (let now = start; now < end; now += tickMs) {
    const isUp = now < outage.from || now >= outage.to;
    if (isUp) await work(now);
    checkStops();
    clock.advance(Math.max(0, now - clock.now()));
    for (; (happenings[next]?.at ?? Infinity) <= now; next += 1) {
      const one = happenings[next] as Happening;
      if (one.what === 'keep-on') {
        if (!isUp) continue;
        const lease = { resource: `default/db-cluster/${one.id}`, until: one.until ?? 0, by: 'Ann', reason: 'a demo' };
        await keepOn(outside.store, lease);
        wishes.set(one.id, one.until ?? 0);
      } else if ((await happen(emulator.account, one)) && (one.what === 'start' || one.what === 'stop')) {
        const until = respectedUntil(one.id, now);
        if (until !== undefined) wishes.set(one.id, until);
      }
    }
    if (isUp) {
      ticks += 1;
      await reconcile(deps, memory);
      await work(now);
      checkStops();
    }
    sample(now, isUp, wishes);
  }
}

/** What was just stopped was not in use, unless its schedule stops it all the same. */
function checkStops(): void {
  const { journal, account } = outside.emulator;
  for (const { resource } of journal.effects('stop-db-cluster')) {
    const id = resource.replace('db-cluster/', '');
    const isBusy = (account.clusters.get(id)?.busy.gremlinQueries ?? 0) > 0;
    if (isBusy && scheduleOf(id, 'db-cluster')?.stopPolicy.afterwards === 'leave') stoppedInUse.push(resource);
  }
  stops += journal.effects('stop-db-cluster').length;
  journal.clear();
}

/** All visits due by then. */
async function work(until: number): Promise<void> {
  const { clock, store } = outside;
  for (;;) {
    const due = await store.page<DueJob>(indexOf.due, { order: 'oldest', limit: 50, until });
    if (due.records.length === 0) return;
    for (const { value } of due.records) {
      clock.advance(Math.max(0, value.dueAt - clock.now()));
      await driver.visit(value.id);
    }
  }
}

const calendars = new Map(runningSchedules(plan.schedules).map((schedule) => [schedule.name, calendarOf(schedule)]));

function scheduleOf(id: string, kind: 'db-cluster' | 'graph') {
  const tags = outside.emulator.account.clusters.get(id)?.tags ?? {};
  return governing(runningSchedules(plan.schedules), { target: 'default', kind, id, name: id, tags }).schedule;
}

function respectedUntil(id: string, now: number): number | undefined {
  const schedule = scheduleOf(id, 'db-cluster');
  if (schedule?.policy !== 'respect-manual') return undefined;
  return calendars.get(schedule.name)?.nextChange(now)?.at;
}

function sample(now: number, isUp: boolean, wishes: ReadonlyMap<string, number>): void {
  const { clusters, graphs } = outside.emulator.account;
  for (const cluster of clusters.values()) {
    const status = clusterStatusAt(cluster, now);
    if (status === undefined || status === 'deleting') continue;
    const isBusy = (cluster.busy.gremlinQueries ?? 0) > 0 || status === 'backing-up';
    const free = isUp && !isBusy && (wishes.get(cluster.identifier) ?? 0) <= now;
    count(
      `default/db-cluster/${cluster.identifier}`,
      status === 'stopped',
      free && shouldSleep(cluster.identifier, 'db-cluster', now),
      now,
    );
  }
  for (const graph of graphs.values())
    count(
      `default/graph/${graph.id}`,
      graph.status.now === 'STOPPED',
      isUp && shouldSleep(graph.id, 'graph', now),
      now,
    );
}

function shouldSleep(id: string, kind: 'db-cluster' | 'graph', now: number): boolean {
  const schedule = scheduleOf(id, kind);
  return schedule !== undefined && calendars.get(schedule.name)?.shouldRun(now) === false;
}

function count(resource: string, isStopped: boolean, mayStop: boolean, now: number): void {
  let truth = truths.get(resource);
  if (truth === undefined) truths.set(resource, (truth = { stopped: 0, present: 0, couldSleep: 0, slept: 0 }));
  truth.present += tickMs;
  if (isStopped) truth.stopped += tickMs;
  if (!mayStop) delete truth.free;
  else truth.free ??= now;
  if (truth.free === undefined || now - truth.free < stopTakes) return;
  truth.couldSleep += tickMs;
  if (isStopped) truth.slept += tickMs;
}

function total(of: (truth: Truth) => number): number {
  return [...truths.values()].reduce((sum, truth) => sum + of(truth), 0);
}

describe('four weeks', () => {
  it('save at least 99.5 % of the hours that could be saved', () => {
    const [could, slept] = [total(({ couldSleep }) => couldSleep), total(({ slept: hours }) => hours)];
    expect(could).toBeGreaterThan(weeks * 7 * 24 * 250 * 0.4 * hour);
    expect(
      slept / could,
      `${Math.round((could - slept) / hour)} of ${Math.round(could / hour)} hours were lost`,
    ).toBeGreaterThan(0.995);
  });

  it('account for every minute of every resource, once', async () => {
    const spans = await readSpans(outside.store, start, end);
    const byResource = new Map<string, typeof spans>();
    for (const span of spans) byResource.set(span.resource, [...(byResource.get(span.resource) ?? []), span]);
    expect(byResource.size).toBe(truths.size);
    for (const [resource, own] of byResource) {
      own.sort((a, b) => a.from - b.from);
      expect(
        own.slice(1).filter((span, i) => span.from !== own[i]?.to),
        resource,
      ).toEqual([]);
      // What was seen of one that is deleted ends with it.
      const isDeleted = outside.emulator.account.clusters.get(resource.split('/')[2] ?? '')?.status.now === 'deleted';
      if (!isDeleted) expect(own.at(-1)?.to, resource).toBe(Math.min(end, outside.clock.now()));
    }
  });

  it('claim no hour asleep that was not', async () => {
    const { rows } = await readSavings(outside.store, start, end, undefined);
    for (const [resource, { stopped }] of truths) {
      const claimed = rows.filter((row) => row.resource === resource).reduce((sum, row) => sum + row.asleepHours, 0);
      // A list that is minutes old moves an edge by as much; there are two a day.
      const slack = weeks * 7 * 2 * 5 * minute;
      expect(claimed * hour, resource).toBeLessThan(stopped + slack);
      expect(claimed * hour, resource).toBeGreaterThan(stopped - slack - (outage.to - outage.from));
    }
    expect(rows.reduce((sum, row) => sum + row.asleepHours, 0) * hour).toBeGreaterThan(
      total(({ stopped }) => stopped) * 0.97,
    );
  });

  it('stop nothing that is in use', () => {
    expect(stops).toBeGreaterThan(weeks * 500);
    expect(stoppedInUse).toEqual([]);
  });

  it('look as often as there were ticks, and read tags in turn', () => {
    expect(seen.looks).toBeLessThanOrEqual(ticks * 2);
    expect(seen.tagReads).toBeLessThan(1.15 * 200 * ((ticks * tickMs) / hour));
    expect(seen.useReads).toBeLessThan(truths.size * weeks * 7 * 2);
  });
});
