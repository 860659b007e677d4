// The only way to create a job. One commit stores the idempotency key, the record, and the turn or a place in line;
// then the job is added to its queue; then the request is acknowledged. It never stores a job that a worker would
// refuse for its input.
import { randomUUID } from 'node:crypto';
import { ServiceError } from '../errors.ts';
import { operationOf } from '../handlers/index.ts';
import type { Operation } from '../operation.ts';
import { type JobRecord, type StoredJob, type Turn, digestOf, jobIndexes, keyOf } from '../records/job.ts';
import { indexOf } from '../records/job.ts';
import { historyChange } from '../records/history.ts';
import type { Change, Stored } from '../records/store.ts';
import { type Room, takeRoom } from './asker-limits.ts';
import { SpanKind, traced, traceparent } from '../tracing/trace.ts';
import { begin } from '../workers/transitions.ts';
import { type Checked, type RequestRules, type EnqueueRequest, checkRequest, deadlineOf } from './request.ts';
import type { Storage } from './storage.ts';
import { addForDeadline, addToQueue, queueFor } from './wake.ts';

/** `joined`: an equal request is running already. `known`: the idempotency key was used before. */
export interface Accepted {
  readonly how: 'created' | 'joined' | 'known';
  readonly job: JobRecord;
}

/** The job of an idempotency key. `request` is the digest of the request. */
interface Idempotency {
  readonly job: string;
  readonly request: string;
}

const tries = 300;

/**
 * Accepts a request, or throws a `ServiceError` that says what to do. After `store-unreachable` the job may have been
 * stored all the same. The same request finds it: with its idempotency key, or without one while the job runs.
 */
export function enqueue(storage: Storage, rules: RequestRules, request: EnqueueRequest): Promise<Accepted> {
  // The caller sends the name, so only a known one goes into a span.
  const name = operationOf(request.operation)?.name ?? 'unknown';
  const attributes = {
    'messaging.system': 'bullmq',
    'messaging.operation.type': 'send',
    'neptune_ops.operation': name,
  };
  return traced({ name: `enqueue ${name}`, kind: SpanKind.PRODUCER, attributes }, async (span) => {
    const accepted = await accept(storage, rules, request);
    span?.setAttributes({ 'messaging.message.id': accepted.job.id, 'neptune_ops.accepted': accepted.how });
    return accepted;
  });
}

async function accept(storage: Storage, rules: RequestRules, request: EnqueueRequest): Promise<Accepted> {
  const checked = checkRequest(rules, request);
  const room = await takeRoom(storage.store, rules, request.by, request.idempotencyKey !== undefined);
  try {
    return await joinOrCreate(storage, checked, request, room);
  } finally {
    room.giveBack();
  }
}

async function joinOrCreate(
  storage: Storage,
  { operation, target, input }: Checked,
  request: EnqueueRequest,
  { noJob, noKey }: Room,
): Promise<Accepted> {
  const resource = `${target}/${operation.resource(input)}`;
  const digest = digestOf({ operation: operation.name, target, input });
  const key =
    request.idempotencyKey === undefined ? undefined : digestOf([request.owner ?? '', request.idempotencyKey]);
  const { store } = storage;
  const id = randomUUID();
  const keys = [keyOf.request(digest), keyOf.turn(resource), ...(key === undefined ? [] : [keyOf.idempotency(key)])];

  for (let attempt = 0; attempt < tries; attempt += 1) {
    // Most requests are new, so the first try writes without reading and is refused when something exists already. A
    // deadline is checked later, because a repeated request may be known although its deadline has passed.
    const isHasty = attempt === 0 && request.deadline === undefined && !noJob && !noKey;
    const hasty = isHasty ? store.knownTime() : undefined;
    const { at, records } = hasty === undefined ? await store.read(keys) : { at: hasty, records: [] };
    const [equal, turn, known] = records as [Stored<{ job: string }>?, Stored<Turn>?, Stored<Idempotency>?];

    // This request's own commit: the driver sent it twice, and the second one was refused.
    const own = attempt > 0 ? await find(storage, id) : undefined;
    if (own) return created(storage, own.value, operation);
    if (known !== undefined) {
      if (known.value.request !== digest) throw keyReused();
      const job = await find(storage, known.value.job);
      if (job) return { how: 'known', job: job.value };
    }
    const deadline = deadlineOf(request.deadline, at, operation);
    const remember = rememberKey(key, known, at, request.by);
    const same = equal && (await find(storage, equal.value.job));
    // A request that joined a job about to be cancelled would be cancelled with it.
    const running = same && (await isWishedAway(storage, same.value)) ? undefined : same;
    if (equal && running) {
      const joining: Change[] = [{ op: 'check', was: equal }, ...remember({ job: running.value.id, request: digest })];
      if (noKey && joining.length > 1) throw noKey;
      if (joining.length === 1 || (await store.commit(joining)).ok) return { how: 'joined', job: running.value };
      continue;
    }
    // A turn or a request whose job is gone from the store is free.
    const holder = operation.takesTurn && turn ? await find(storage, turn.value.job) : undefined;
    const busy = holder !== undefined;
    if (busy && request.onBusy !== 'wait') throw resourceBusy(resource, holder.value);
    if (noJob ?? noKey) throw noJob ?? noKey;
    const { by, retryOf } = request;
    const trace = traceparent();
    const job = begin(
      {
        id,
        operation: operation.name,
        target,
        resource,
        input,
        request: digest,
        takesTurn: operation.takesTurn,
        createdAt: at,
        deadline,
        ...(by === undefined ? {} : { by }),
        ...(retryOf === undefined ? {} : { retryOf }),
        ...(trace === undefined ? {} : { trace }),
      },
      busy,
    );
    const changes: Change[] = [
      { op: 'create', key: keyOf.job(job.id), value: job, indexes: jobIndexes(job) },
      put(keyOf.request(digest), equal, { job: job.id }),
      ...historyChange(undefined, job, at),
      ...remember({ job: job.id, request: digest }),
    ];
    // The turn is only checked, so that many can join its line at once. The job that ends the turn makes sure that the
    // line is empty.
    if (busy && turn) changes.push({ op: 'check', was: turn });
    else if (operation.takesTurn)
      changes.push(put(keyOf.turn(resource), turn, { job: job.id, since: at } satisfies Turn));
    if (!(await store.commit(changes)).ok) continue;
    return created(storage, job, operation);
  }
  throw new ServiceError(
    'store-unreachable',
    'Too many requests for this resource came at the same moment. Try again.',
  );
}

async function created(storage: Storage, job: JobRecord, operation: Operation): Promise<Accepted> {
  const queue = queueFor(storage, job, operation);
  if (job.phase === 'line') await addForDeadline(queue, job, job.createdAt);
  else await addToQueue(queue, job);
  return { how: 'created', job };
}

function rememberKey(
  key: string | undefined,
  known: Stored<Idempotency> | undefined,
  at: number,
  by: string | undefined,
): (value: Idempotency) => Change[] {
  return (value) => {
    if (key === undefined) return [];
    const indexes = { [indexOf.idempotency]: at, ...(by === undefined ? {} : { [indexOf.idempotencyOf(by)]: at }) };
    return [
      known
        ? { op: 'replace', was: known, value, indexes }
        : { op: 'create', key: keyOf.idempotency(key), value, indexes },
    ];
  };
}

async function find({ store }: Storage, id: string): Promise<StoredJob | undefined> {
  return (await store.read([keyOf.job(id)])).records[0] as StoredJob | undefined;
}

async function isWishedAway({ store }: Storage, { id }: JobRecord): Promise<boolean> {
  return (await store.read([keyOf.cancel(id)])).records[0] !== undefined;
}

function put(key: string, was: Stored | undefined, value: unknown): Change {
  return was ? { op: 'replace', was, value } : { op: 'create', key, value };
}

function resourceBusy(resource: string, holder: JobRecord): ServiceError {
  const what = `${holder.operation} (job ${holder.id})`;
  const message = `${resource} is being changed by ${what}. Wait for it, or ask with on-busy=wait.`;
  return new ServiceError('resource-busy', message, { holder: holder.id });
}

function keyReused(): ServiceError {
  return new ServiceError(
    'idempotency-key-reused',
    'This Idempotency-Key was used for another request. Use a new key for a new request.',
  );
}
