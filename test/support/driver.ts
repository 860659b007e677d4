// Runs the lifecycle without BullMQ: a real store, and the SDK's clients with the emulator, all on one clock that the
// driver advances to whatever is due next. Like the sweep it reads only the store. It never waits in real time.
import { type Logger, pino } from 'pino';
import { type Aws, createAws } from '../../src/aws/clients.ts';
import { operationOf } from '../../src/handlers/index.ts';
import { createTurnableClock, type TurnableClock } from '../../emulator/clock.ts';
import type { RequestRecord } from '../../emulator/journal.ts';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';
import { requestCancel } from '../../src/queue/cancel.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import { type EnqueueRequest, policyOf } from '../../src/queue/request.ts';
import { createSqs } from '../../src/aws/sqs.ts';
import { createEventSender, type EventSender } from '../../src/queue/event-sender.ts';
import type { Storage } from '../../src/queue/storage.ts';
import type { JobJson } from '../../src/records/job-json.ts';
import { type DueJob, type JobRecord, indexOf, readJob } from '../../src/records/job.ts';
import type { Store } from '../../src/records/store.ts';
import type { Dependencies } from '../../src/workers/visit-context.ts';
import { deliver } from '../../src/workers/events.ts';
import type { JobLock } from '../../src/workers/gate.ts';
import { type Visited, visitJob } from '../../src/workers/lifecycle.ts';
import { idleStorage } from './idle-storage.ts';
import type { Lifetime } from './lifetime.ts';
import type { AnyJob } from './jobs.ts';
import type { OpenStore, StoreKind } from './stores.ts';

/** What outlives every process: the simulated account, the store, the clock. */
export interface Outside {
  readonly clock: TurnableClock;
  readonly emulator: Emulator;
  readonly store: Store;
  readonly queueUrl: string;
  close(): Promise<void>;
}

/** Points this process' SDK settings to a new emulator. */
export async function openOutside(kind: StoreKind): Promise<Outside> {
  const clock = createTurnableClock();
  const [emulator, opened]: [Emulator, OpenStore] = await Promise.all([
    startEmulator({ clock }),
    kind.open({ now: clock.now }),
  ]);
  Object.assign(process.env, emulator.env);
  return {
    clock,
    emulator,
    store: opened.store,
    queueUrl: emulator.createQueue('events'),
    async close() {
      await emulator.close();
      await opened.close();
    },
  };
}

interface DriverOptions {
  readonly lifetime?: Lifetime;
  readonly resettable?: Iterable<string>;
  readonly resettableGraphs?: Iterable<string>;
  readonly events?: boolean;
  readonly operationOf?: Dependencies['operationOf'];
}

/** A CloudEvent as SQS got it. */
interface SentEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: JobJson;
  /** The whole message body. */
  readonly body: string;
}

const mostVisits = 3_000;

/** One process: producer, worker, sweep and sender together. */
export class Driver {
  readonly outside: Outside;
  readonly deps: Dependencies;
  readonly aws: Aws;
  readonly storage: Storage;
  readonly resettable: Set<string>;
  readonly resettableGraphs: Set<string>;
  /** The log, one JSON text per line. */
  readonly logged: string[] = [];
  /** The ids of jobs, once for each look that met an unknown status. */
  readonly puzzled: string[] = [];
  /** What was added to queues, as `queue id`, in order. */
  readonly added: string[] = [];
  /** The result of each visit, in order. */
  readonly visits: ({ readonly id: string } & Visited)[] = [];
  /** Called when the lock is asked for right before a changing call. Returns whether it is still held. */
  atGate: () => boolean | Promise<boolean> = () => true;
  /** How often the credentials were reported as wrong. */
  credentials = 0;
  /** The worker deaths that the queue would count, by job. */
  readonly stalls = new Map<string, number>();
  readonly #sender: EventSender;
  readonly #lifetime: Lifetime | undefined;
  readonly #eventDueAt = new Map<string, { readonly at: number; readonly tries: number }>();

  constructor(outside: Outside, options: DriverOptions = {}) {
    const { lifetime } = options;
    this.outside = outside;
    this.#lifetime = lifetime;
    this.resettable = new Set(options.resettable);
    this.resettableGraphs = new Set(options.resettableGraphs);
    const store = lifetime?.store(outside.store) ?? outside.store;
    this.aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http' });
    lifetime?.requestsOf(this.aws);
    const sender = createEventSender({
      queueUrl: outside.queueUrl,
      sqs: createSqs({ region: 'eu-west-1', endpoint: outside.emulator.endpoints.sqs }),
    });
    this.#sender = lifetime
      ? { send: (message) => lifetime.around('SendMessage', () => sender.send(message)), close: () => sender.close() }
      : sender;
    this.storage = this.#idleStorage(store);
    this.deps = {
      onUnknownStatus: ({ id }) => void this.puzzled.push(id),
      store,
      operationOf: options.operationOf ?? operationOf,
      awsOf: (target) => (target === 'default' ? this.aws : undefined),
      policyOf: (target) => policyOf({ targets: [], ...this.#rules() })(target),
      bounds: {},
      events: options.events ?? true,
      log: this.#memoryLog(),
      random: () => 0.5,
      stopwatch: () => 0,
      onCredentials: () => (this.credentials += 1),
    };
  }

  /** Accepts a request as the API does. */
  async ask(
    operation: string,
    input: unknown,
    more: Omit<EnqueueRequest, 'operation' | 'input'> = {},
  ): Promise<JobRecord> {
    return (await this.enqueue({ operation, input, ...more })).job;
  }

  enqueue(request: EnqueueRequest) {
    const targets = [{ name: 'default', region: 'eu-west-1' }];
    return enqueue(this.storage, { targets, ...this.#rules() }, request);
  }

  cancel(id: string): Promise<JobRecord> {
    return requestCancel(this.storage, id);
  }

  async job(id: string): Promise<AnyJob> {
    const { job } = await readJob(this.outside.store, id);
    if (job === undefined) throw new Error(`there is no job ${id}`);
    return job.value;
  }

  #rules() {
    return { resettable: this.resettable, resettableGraphs: this.resettableGraphs };
  }

  /** Visits a job now. */
  async visit(id: string, lock: Partial<JobLock> = {}): Promise<Visited | 'gone'> {
    const ask = async () => this.atGate();
    const holds = () => this.#lifetime?.before('lock', ask) ?? ask();
    const visited = await visitJob(this.deps, id, { holds, stalls: this.stalls.get(id) ?? 0, ...lock });
    if (visited !== 'gone') this.visits.push({ id, ...visited });
    return visited;
  }

  /** Advances the clock to what is due next and does it. Returns false when nothing is due. */
  async step(): Promise<boolean> {
    const { store, clock } = this.outside;
    const due = await store.page<DueJob>(indexOf.due, { order: 'oldest', limit: 1 });
    const events = await store.page<JobRecord>(indexOf.events, { order: 'oldest', limit: 100 });
    const job = due.records[0]?.value;
    const eventOf = ({ id }: JobRecord) => this.#eventDueAt.get(id) ?? { at: clock.now(), tries: 0 };
    const [event] = events.records.map(({ value }) => value).toSorted((a, b) => eventOf(a).at - eventOf(b).at);
    if (event && (job === undefined || eventOf(event).at <= job.dueAt)) {
      const { at, tries } = eventOf(event);
      this.#turnTo(at);
      const wait = await deliver(
        { storage: this.storage, sender: this.#sender, source: 'neptune-ops', log: this.deps.log },
        event.id,
        tries + 1,
      );
      if (wait !== undefined) this.#eventDueAt.set(event.id, { at: clock.now() + wait, tries: tries + 1 });
      return true;
    }
    if (job === undefined) return false;
    this.#turnTo(job.dueAt);
    await this.visit(job.id);
    return true;
  }

  /** Steps until `until` holds or nothing is due. */
  async drive(until: () => boolean | Promise<boolean> = () => false): Promise<void> {
    for (let made = 0; !(await until()); made += 1) {
      if (made > mostVisits) throw new Error(`no end after ${mostVisits} visits`);
      if (!(await this.step())) return;
    }
  }

  /** Runs everything to its end and returns the job. */
  async end(id: string): Promise<AnyJob> {
    await this.drive();
    return this.job(id);
  }

  /** Steps until the job is in this phase. */
  async until(id: string, phase: JobRecord['phase']): Promise<AnyJob> {
    await this.drive(async () => (await this.job(id)).phase === phase);
    return this.job(id);
  }

  /** The messages in SQS that announce this job. */
  events(id?: string): SentEvent[] {
    return (
      this.requests({ api: 'sqs' })
        .flatMap(({ input }) => bodiesOf(input))
        // Parsing the other jobs' messages would take most of the suite's time.
        .filter((body) => id === undefined || body.includes(id))
        .map((body) => ({ ...(JSON.parse(body) as Omit<SentEvent, 'body'>), body }))
        .filter((event) => id === undefined || event.id === id)
    );
  }

  effects(kind: string, resource: string): number {
    return this.outside.emulator.journal.effects(kind, resource).length;
  }

  requests(match: Partial<RequestRecord>): RequestRecord[] {
    const { journal } = this.outside.emulator;
    return journal.requests(match as Parameters<typeof journal.requests>[0]);
  }

  close(): void {
    this.#sender.close();
    this.aws.close();
  }

  #turnTo(time: number): void {
    const { clock } = this.outside;
    clock.advance(Math.max(0, Math.ceil(time) - clock.now()));
  }

  #memoryLog(): Logger {
    return pino({ level: 'trace' }, { write: (line) => void this.logged.push(line) });
  }

  #idleStorage(store: Store): Storage {
    const add = (queue: string, id: string) => {
      this.added.push(`${queue} ${id}`);
      return Promise.resolve();
    };
    return idleStorage(store, {
      added: (queue, id) => this.#lifetime?.around(`add to ${queue}`, () => add(queue, id)) ?? add(queue, id),
      met: (error) => this.deps.log.warn({ reason: error.message }, 'store'),
    });
  }
}

function bodiesOf(input: RequestRecord['input']): string[] {
  const entries = (input['Entries'] ?? [input]) as readonly { readonly MessageBody?: string }[];
  return entries.flatMap(({ MessageBody }) => (MessageBody === undefined ? [] : [MessageBody]));
}
