// An account in memory, as the schedules see it: resources that take their time to start and to stop, jobs that are accepted
// as always and carried out by nobody but the test, and a clock that only the test turns.
import { afterAll, beforeAll } from 'vitest';
import { type Logger, pino } from 'pino';
import type { Queue } from 'bullmq';
import type { Condition, ObservedResource } from '../../src/aws/inventory.ts';
import type { Activity } from '../../src/aws/activity.ts';
import { createTurnableClock, type TurnableClock } from '../../emulator/clock.ts';
import { type Accepted, enqueue } from '../../src/queue/enqueue.ts';
import type { EnqueueRequest } from '../../src/queue/request.ts';
import type { Storage } from '../../src/queue/storage.ts';
import { type JobRecord, type TerminalState, indexOf, isEnded, jobIndexes, keyOf } from '../../src/records/job.ts';
import type { Store, Stored } from '../../src/records/store.ts';
import { createMemory, reconcile } from '../../src/schedules/reconcile/reconcile.ts';
import type { Schedule, SchedulePlan, ResourceKind } from '../../src/schedules/schedule.ts';
import { type ManagedResource, qualifiedName, managedResourceKey } from '../../src/schedules/managed-resource.ts';
import type { ScheduleDependencies } from '../../src/schedules/dependencies.ts';
import type { StoreKind } from '../support/stores.ts';
import { cornerOf } from './corner.ts';

const minute = 60_000;
const moving = 8 * minute;
const week = 7 * 86_400_000;

interface Thing {
  kind: ResourceKind;
  id: string;
  name: string;
  madeAs?: string;
  condition: Condition;
  /** When a start or a stop that is under way is over. */
  restsAt: number;
  restartsAt?: number;
  settled: boolean;
  unsettled?: string;
  memory: number;
  instances: Record<string, number>;
  tags: Record<string, string>;
  use: Activity;
}

/** What one process is: its own memory on the common store. */
export interface Process {
  tick(): Promise<void>;
  readonly deps: ScheduleDependencies;
  readonly memory: ReturnType<typeof createMemory>;
}

/** On a Friday. */
const noon = Date.parse('2026-11-20T12:00:00Z');

/** A store for many accounts, one after the other: opening one takes longer than most tests. */
interface Ground {
  /** A new account that knows nothing of the others; at noon, or at another time of that day. */
  account(start?: string): Account;
  close(): Promise<void>;
}

async function openGround(kind: StoreKind): Promise<Ground> {
  let clock = createTurnableClock(noon);
  let number = 0;
  const { store, close } = await kind.open({ now: () => clock.now() });
  return {
    account(start = '12:00') {
      clock = createTurnableClock(Date.parse(`2026-11-20T${start}:00Z`));
      return new Account(cornerOf(store, `account-${(number += 1)}/`), clock);
    },
    close,
  };
}

/** One for all tests around the call, opened before them and closed after. */
export function useGround(kind: StoreKind): () => Ground {
  let ground: Ground;
  beforeAll(async () => void (ground = await openGround(kind)));
  afterAll(() => ground.close());
  return () => ground;
}

export class Account {
  readonly clock: TurnableClock;
  readonly store: Store;
  readonly things = new Map<string, Thing>();
  /** Accepted requests, in order, and how. */
  readonly asked: { readonly operation: string; readonly id: string; readonly how: Accepted['how']; job: string }[] =
    [];
  readonly logged: string[] = [];
  /** Identifiers of which the tags or the use were read, and kinds that were looked at, in order. */
  readonly reads = { tags: [] as string[], use: [] as string[], looks: [] as string[] };
  /** Commits of the schedules' own, by what they wrote. */
  readonly commits: string[] = [];
  plan: SchedulePlan = { schedules: [] };
  tickMs = 10 * minute;
  tagsMs = 60 * minute;
  /** Throw in place of an answer. */
  trouble: {
    look?: (kind: ResourceKind) => unknown;
    tags?: (id: string) => void;
    use?: (id: string) => unknown;
    ask?: (request: EnqueueRequest) => void;
  } = {};
  /** What the lists show of a thing in place of how it is. */
  listed: (thing: Thing) => Partial<Thing> = () => ({});
  /** Whether jobs are carried out by `pass`. */
  works = true;
  readonly main: Process;

  constructor(store: Store, clock: TurnableClock) {
    this.clock = clock;
    this.store = store;
    this.main = this.process();
  }

  schedule(...schedules: Schedule[]): void {
    this.plan = { ...this.plan, schedules };
  }

  add(id: string, more: Partial<Thing> = {}): Thing {
    const kind = id.startsWith('g-') ? 'graph' : 'db-cluster';
    const thing: Thing = {
      kind,
      id,
      name: id,
      condition: 'running',
      restsAt: 0,
      settled: true,
      memory: 16,
      instances: { 'db.r6g.large': 1 },
      tags: {},
      use: { activity: 'idle' },
      ...more,
    };
    this.things.set(id, thing);
    return thing;
  }

  /** By somebody: a person, AWS or a job. */
  move(id: string, to: 'start' | 'stop'): void {
    const thing = this.#thing(id);
    thing.condition = to === 'start' ? 'starting' : 'stopping';
    thing.restsAt = this.clock.now() + moving;
    delete thing.restartsAt;
  }

  process(store: Store = this.store): Process {
    const memory = createMemory();
    const deps = this.#world(store);
    const tick = () => {
      Object.assign(deps, { tickMs: this.tickMs, tagsMs: this.tagsMs });
      return reconcile(deps, memory);
    };
    return { deps, memory, tick };
  }

  /** Time passes; what moves by itself moves, and jobs are carried out. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0 || left === ms; left -= 30 * minute) {
      this.clock.advance(Math.min(left, 30 * minute));
      await this.#settle();
      if (left === 0) return;
    }
  }

  async #settle(): Promise<void> {
    const now = this.clock.now();
    for (const thing of this.things.values()) {
      if (thing.condition === 'stopping' && now >= thing.restsAt) {
        thing.condition = 'stopped';
        if (thing.kind === 'db-cluster') thing.restartsAt = thing.restsAt + week;
      }
      if (thing.condition === 'stopped' && thing.restartsAt !== undefined && now >= thing.restartsAt) {
        this.move(thing.id, 'start');
      }
      if (thing.condition === 'starting' && now >= thing.restsAt) thing.condition = 'running';
    }
    if (this.works) for (const { id } of await this.jobs()) await this.#work(id);
  }

  /** Goes on until a time like `19:10` comes next, one tick after the other. */
  async until(time: string, process: Process = this.main): Promise<void> {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    const today = Math.floor(this.clock.now() / 86_400_000) * 86_400_000 + (hours * 60 + minutes) * minute;
    const end = today > this.clock.now() ? today : today + 86_400_000;
    while (this.clock.now() < end) {
      await this.pass(Math.min(this.tickMs, end - this.clock.now()));
      await process.tick();
    }
  }

  async managed(id: string): Promise<ManagedResource | undefined> {
    const { records } = await this.store.read([managedResourceKey(qualifiedName('default', this.#thing(id)))]);
    return records[0]?.value as ManagedResource | undefined;
  }

  /** What was newly asked for since last asked, as `stop-db-cluster dev-1`. */
  news(): string[] {
    return this.asked.splice(0).flatMap(({ operation, id, how }) => (how === 'created' ? [`${operation} ${id}`] : []));
  }

  /** All jobs there are, oldest first. */
  async jobs(): Promise<JobRecord[]> {
    const { records } = await this.store.page<JobRecord>(indexOf.jobs, { order: 'oldest', limit: 1_000 });
    return records.map(({ value }) => value);
  }

  async job(id: string): Promise<JobRecord> {
    return (await this.store.read([keyOf.job(id)])).records[0]?.value as JobRecord;
  }

  /** Ends a job, whatever became of it, and gives its turn back. */
  async end(id: string, state: TerminalState, reason?: string): Promise<void> {
    const job = (await this.store.read([keyOf.job(id)])).records[0] as Stored<JobRecord>;
    const { value } = job;
    const { records } = await this.store.read([keyOf.turn(value.resource), keyOf.request(value.request)]);
    const ended: JobRecord = {
      ...value,
      state,
      phase: 'over',
      finishedAt: this.clock.now(),
      outcome: { state, changed: state === 'succeeded', ...(reason === undefined ? {} : { reason }) },
      event: 'off',
    };
    await this.store.commit([
      { op: 'replace', was: job, value: ended, indexes: jobIndexes(ended) },
      ...records.flatMap((was) =>
        was && (was.value as { job: string }).job === id ? [{ op: 'delete' as const, was }] : [],
      ),
    ]);
  }

  /** One visit: a job is submitted when its resource allows it, and ends when that has arrived. */
  async #work(id: string): Promise<void> {
    const record = (await this.store.read([keyOf.job(id)])).records[0] as Stored<JobRecord> | undefined;
    if (record === undefined || isEnded(record.value)) return;
    const { operation, input, phase } = record.value;
    const thing = this.things.get(String(input['dbClusterIdentifier'] ?? input['graphIdentifier']));
    if (thing === undefined) return this.end(id, 'failed', 'it is gone');
    const goal = operation.startsWith('start') ? 'running' : 'stopped';
    const isSnapshot = operation.startsWith('create');
    if (phase === 'follow' && (isSnapshot || thing.condition === goal)) return this.end(id, 'succeeded');
    if (phase !== 'look') return;
    if (!isSnapshot && thing.condition !== goal) this.move(thing.id, goal === 'running' ? 'start' : 'stop');
    const value: JobRecord = { ...record.value, phase: 'follow', state: 'running' };
    await this.store.commit([{ op: 'replace', was: record, value, indexes: jobIndexes(value) }]);
  }

  #world(store: Store): ScheduleDependencies {
    const queue = { add: () => Promise.resolve() } as unknown as Queue;
    const storage = { kind: 'embedded', store, queue: () => queue } as unknown as Storage;
    const targets = ['default', 'other'].map((name) => ({ name, region: 'eu-west-1' }));
    return {
      store: this.#counted(store),
      plan: () => this.plan,
      targets,
      inventoryOf: (target) => {
        if (target !== 'default') return undefined;
        return {
          look: async (kind) => {
            this.reads.looks.push(kind);
            await this.trouble.look?.(kind);
            return [...this.things.values()]
              .filter((thing) => thing.kind === kind)
              .map((thing) => sightingOf({ ...thing, ...this.listed(thing) }));
          },
          tags: async ({ id }) => {
            this.reads.tags.push(id);
            this.trouble.tags?.(id);
            return { ...this.#thing(id).tags };
          },
          activity: async ({ id }) => {
            this.reads.use.push(id);
            await this.trouble.use?.(id);
            return this.#thing(id).use;
          },
        };
      },
      enqueue: async (request) => {
        this.trouble.ask?.(request);
        const accepted = await enqueue(storage, { targets, resettable: new Set() }, request);
        const { operation, input, id } = accepted.job;
        const on = String(input['dbClusterIdentifier'] ?? input['graphIdentifier']);
        this.asked.push({ operation, id: on, how: accepted.how, job: id });
        return accepted;
      },
      cancel: async (job) => this.end(job, 'cancelled'),
      log: this.#log(),
      tickMs: this.tickMs,
      tagsMs: this.tagsMs,
      shortestSleepMs: 900_000,
      activityMs: 100,
    };
  }

  #counted(store: Store): Store {
    return {
      ...store,
      read: (keys) => store.read(keys),
      knownTime: () => store.knownTime(),
      page: (index, request) => store.page<never>(index, request),
      commit: (changes) => {
        const keys = changes.map((change) =>
          'key' in change ? change.key : 'was' in change ? change.was.key : change.op,
        );
        this.commits.push(keys.join(' '));
        return store.commit(changes);
      },
    };
  }

  #thing(id: string): Thing {
    const thing = this.things.get(id);
    if (thing === undefined) throw new Error(`there is no ${id}`);
    return thing;
  }

  #log(): Logger {
    return pino({ level: 'debug' }, { write: (line) => void this.logged.push(line) });
  }
}

function sightingOf({
  kind,
  id,
  name,
  madeAs,
  condition,
  settled,
  unsettled,
  memory,
  instances,
  restartsAt,
}: Thing): ObservedResource {
  return {
    kind,
    id,
    name,
    arn: `arn:${kind}:${id}`,
    ...(madeAs === undefined ? {} : { resourceUid: madeAs }),
    status: condition === 'running' ? 'available' : condition,
    condition,
    settled,
    ...(unsettled === undefined ? {} : { unsettled }),
    shape: kind === 'graph' ? { memory } : { instances },
    ...(condition === 'stopped' && restartsAt !== undefined ? { restartsAt } : {}),
    engines: [],
  };
}
