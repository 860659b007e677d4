// How completion events reach SQS: in batches within its limits, none lost, none held up by another's trouble.
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';
import { announceAgain, sendAgain } from '../../src/queue/announce.ts';
import { type EventMessage, completionEvent } from '../../src/queue/completion-event.ts';
import { createSqs } from '../../src/aws/sqs.ts';
import { type EventSender, createEventSender } from '../../src/queue/event-sender.ts';
import { eventJobId, eventsQueue } from '../../src/queue/names.ts';
import type { Storage } from '../../src/queue/storage.ts';
import {
  type EventState,
  type JobRecord,
  ended as endOf,
  indexOf,
  jobIndexes,
  keyOf,
  readJob,
} from '../../src/records/job.ts';
import { deliver, startEventsWorker } from '../../src/workers/events.ts';
import { type AnyJob, endedJob } from '../support/jobs.ts';
import { type OpenStorage, silent, storageKinds } from '../support/storages.ts';

let emulator: Emulator;
let client: SQSClient;
let sender: EventSender;
let queueUrl: string;
let queues = 0;

beforeAll(async () => {
  emulator = await startEmulator();
  for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, value);
  client = new SQSClient({ region: 'eu-west-1', endpoint: emulator.endpoints.sqs });
});
afterAll(async () => {
  client?.destroy();
  await emulator?.close();
  vi.unstubAllEnvs();
});
beforeEach(() => {
  queues += 1;
  open(emulator.createQueue(`events-${queues}`));
});
afterEach(() => {
  sender.close();
  emulator.switches.clear();
  emulator.journal.clear();
});

function open(url: string, endpoint = emulator.endpoints.sqs): void {
  queueUrl = url;
  sender = createEventSender({ queueUrl, sqs: createSqs({ region: 'eu-west-1', endpoint }) });
}

function message(id: string, bytes = 0): EventMessage {
  const result = { padding: 'x'.repeat(bytes) };
  return completionEvent(endedJob({ id, outcome: { state: 'succeeded', changed: true, result } }), 'neptune-ops');
}
const messages = (count: number, bytes = 0) => Array.from({ length: count }, (_, i) => message(`job-${i}`, bytes));
const sendAll = (all: readonly EventMessage[]): Promise<Awaited<ReturnType<EventSender['send']>>[]> =>
  Promise.all(all.map((one) => sender.send(one)));

/** Everything in the queue. */
async function received(): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return all;
    for (const { ReceiptHandle } of Messages)
      await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    all.push(...Messages);
  }
}
/** SQS as it is, but that its answers to batches leave out one entry. */
async function forgetting(id: string): Promise<{ endpoint: string; close(): Promise<void> }> {
  interface BatchAnswer {
    readonly Successful?: readonly { readonly Id: string }[];
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = new Headers(
      Object.entries(request.headers).flatMap(([name, value]) =>
        ['host', 'connection', 'content-length', 'expect'].includes(name) ? [] : [[name, String(value)]],
      ) as [string, string][],
    );
    const answer = await fetch(emulator.endpoints.sqs + request.url, {
      method: 'POST',
      headers,
      body: Buffer.concat(chunks),
    });
    const body = (await answer.json()) as BatchAnswer;
    const left = body.Successful && { ...body, Successful: body.Successful.filter(({ Id }) => Id !== id) };
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(left ?? body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
const idsOf = (all: readonly Message[]) => all.map(({ Body = '{}' }) => (JSON.parse(Body) as { id: string }).id);
const batches = () =>
  emulator.journal.requests({ api: 'sqs' }).filter(({ action }) => action.startsWith('SendMessage'));

describe('events on their way to SQS', () => {
  it('arrive with the attributes that receivers filter by', async () => {
    expect(await sendAll([message('job-1')])).toEqual([{ is: 'sent' }]);
    const [got] = await received();
    expect(got?.Body).toBe(message('job-1').body);
    expect(got?.MessageAttributes).toMatchObject({
      type: { DataType: 'String', StringValue: 'neptune-ops.job.succeeded' },
      operation: { DataType: 'String', StringValue: 'stop-db-cluster' },
      resource: { DataType: 'String', StringValue: 'default/db-cluster/dev-1' },
    });
  });

  it('are gathered ten at a time', async () => {
    const sent = await sendAll(messages(25));
    expect(sent.every(({ is }) => is === 'sent')).toBe(true);
    expect(batches().map(({ input }) => (input.Entries as unknown[] | undefined)?.length ?? 1)).toEqual([10, 10, 5]);
    expect(new Set(idsOf(await received())).size).toBe(25);
  });

  it('stay within the size of a batch', async () => {
    const sent = await sendAll(messages(10, 300_000));
    expect(sent.every(({ is }) => is === 'sent')).toBe(true);
    expect(batches().length).toBeGreaterThanOrEqual(4);
    expect(batches().every(({ outcome }) => outcome === 200)).toBe(true);
    expect(await received()).toHaveLength(10);
  });

  it('go out at their largest', async () => {
    let [largest, tooLarge] = [990_000, 1_000_000];
    while (tooLarge - largest > 1) {
      const between = Math.floor((largest + tooLarge) / 2);
      if (message('job-1', between).body.includes('left out')) tooLarge = between;
      else largest = between;
    }
    expect(Buffer.byteLength(message('job-1', largest).body)).toBe(1_000_000);
    expect(await sendAll([message('job-1', largest), message('job-2', largest)])).toEqual([
      { is: 'sent' },
      { is: 'sent' },
    ]);
  });

  it('of one resource keep their order on a FIFO queue, and come once though sent twice', async () => {
    open(emulator.createQueue(`events-${queues}`, { fifo: true }));
    await sendAll(messages(3));
    await sendAll(messages(3));
    const got = await received();
    expect(idsOf(got)).toEqual(['job-0', 'job-1', 'job-2']);
    expect(got[0]?.Attributes).toMatchObject({
      MessageGroupId: 'default/db-cluster/dev-1',
      MessageDeduplicationId: 'job-0',
    });
  });

  it('have no group on a standard queue', async () => {
    await sendAll([message('job-1')]);
    expect((await received())[0]?.Attributes).not.toHaveProperty('MessageGroupId');
  });

  it('are not held up by one that is refused', async () => {
    emulator.switches.failEntries({ code: 'InvalidMessageContents', senderFault: true, ids: ['3'] });
    const sent = await sendAll(messages(10));
    expect(sent.map(({ is }) => is)).toEqual(Array.from({ length: 10 }, (_, i) => (i === 3 ? 'refused' : 'sent')));
    expect(idsOf(await received())).not.toContain('job-3');
  });

  it.each([
    ['InternalError', false],
    ['ServiceUnavailable', false],
    ['InvalidMessageContents', false],
    ['AccessDenied', true],
    ['KmsThrottled', true],
  ])('wait when an entry fails with %s (sender’s fault: %s)', async (code, senderFault) => {
    emulator.switches.failEntries({ code, senderFault });
    const sent = await sendAll(messages(2));
    expect(sent).toEqual([0, 1].map(() => ({ is: 'later', reason: expect.stringContaining(code) })));
  });

  it('go one by one when SQS refuses their batch as a whole', async () => {
    emulator.switches.fault({ code: 'BatchRequestTooLong' }, { action: 'SendMessageBatch' });
    emulator.switches.fault({ code: 'InvalidMessageContents' }, { action: 'SendMessage', times: 1 });
    const sent = await sendAll(messages(4));
    expect(sent.map(({ is }) => is).toSorted()).toEqual(['refused', 'sent', 'sent', 'sent']);
    expect(await received()).toHaveLength(3);
  });

  it.each([
    'QueueDoesNotExist',
    'AccessDeniedException',
    'RequestThrottled',
    'KmsThrottled',
    'ServiceUnavailable',
    'ExpiredTokenException',
  ])('wait on %s, whether alone or in a batch', async (code) => {
    emulator.switches.fault({ code }, { api: 'sqs' });
    for (const count of [1, 3])
      expect((await sendAll(messages(count))).map(({ is }) => is)).toEqual(Array(count).fill('later'));
    expect(await sendAll([message('job-1')])).toEqual([{ is: 'later', reason: expect.stringMatching(/\w+: \w+/) }]);
  });

  it('wait when the connection breaks, and may then come twice with one id', async () => {
    emulator.switches.drop({ when: 'after' }, { api: 'sqs', times: 1 });
    expect((await sendAll([message('job-1')]))[0]?.is).toBe('later');
    expect(await sendAll([message('job-1')])).toEqual([{ is: 'sent' }]);
    expect(idsOf(await received())).toEqual(['job-1', 'job-1']);
  });

  it('go where the settings say, whatever host the queue’s URL has', async () => {
    open(`https://sqs.eu-west-1.amazonaws.com/000000000000/events-${queues}`);
    expect(await sendAll(messages(2))).toEqual([{ is: 'sent' }, { is: 'sent' }]);
    expect(await sendAll([message('job-9')])).toEqual([{ is: 'sent' }]);
    queueUrl = `${emulator.endpoints.sqs}/000000000000/events-${queues}`;
    expect(await received()).toHaveLength(3);
  });
});

describe.each(storageKinds())('the event of an ended job on $name', ({ open: openStorage }) => {
  let opened: OpenStorage;
  let storage: Storage;
  let jobs = 0;

  beforeAll(async () => {
    opened = await openStorage();
    storage = opened.storage;
  });
  afterAll(() => opened?.close());

  async function ended(event: EventState = 'pending'): Promise<JobRecord> {
    jobs += 1;
    const job = endedJob({ id: `job-${jobs}`, event });
    await storage.store.commit([{ op: 'create', key: keyOf.job(job.id), value: job, indexes: jobIndexes(job) }]);
    return job;
  }
  const world = () => ({ storage, sender, source: 'neptune-ops', log: silent });
  const eventOf = async (job: JobRecord) =>
    endOf((await readJob(storage.store, job.id)).job?.value as JobRecord)?.event;
  const pending = () => storage.store.count(indexOf.events);

  it('is sent once, and then known as sent', async () => {
    const job = await ended();
    expect(await deliver(world(), job.id, 1)).toBeUndefined();
    expect(await eventOf(job)).toBe('sent');
    expect(await deliver(world(), job.id, 1)).toBeUndefined();
    expect(idsOf(await received())).toEqual([job.id]);
    expect(await pending()).toBe(0);
  });

  it('is kept and tried again for as long as SQS can’t be reached', async () => {
    const job = await ended();
    emulator.switches.drop({}, { api: 'sqs', times: 5 });
    for (let tries = 1; tries <= 5; tries += 1) expect(await deliver(world(), job.id, tries)).toBeGreaterThan(0);
    expect(await eventOf(job)).toBe('pending');
    expect(await deliver(world(), job.id, 6)).toBeUndefined();
    expect(idsOf(await received())).toEqual([job.id]);
  });

  it('is told from a store that can’t be reached when it can’t be made, and is sent once it can', async () => {
    const job = await ended();
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => void lines.push(line) });
    expect(await deliver({ ...world(), source: 'Team A', log }, job.id, 1)).toBeGreaterThan(0);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 50, job: job.id, msg: 'event can not be made; it stays pending', err: { type: 'ValidationError' } },
    ]);
    expect(await eventOf(job)).toBe('pending');
    expect(await deliver(world(), job.id, 2)).toBeUndefined();
    expect(idsOf(await received())).toEqual([job.id]);
  });

  it('is kept as refused when SQS refuses it for good, and sent again on request', async () => {
    const job = await ended();
    emulator.switches.fault({ code: 'InvalidMessageContents' }, { api: 'sqs', times: 1 });
    expect(await deliver(world(), job.id, 1)).toBeUndefined();
    expect(await eventOf(job)).toBe('refused');
    expect(await pending()).toBe(0);
    const again = await sendAgain(storage, job.id);
    expect([(again as AnyJob).event, await pending()]).toEqual(['pending', 1]);
    expect(await storage.whereabouts(eventsQueue, [eventJobId(job.id)])).toEqual(['there']);
    expect(await deliver(world(), job.id, 1)).toBeUndefined();
    expect(idsOf(await received())).toEqual([job.id]);
    await storage.queue(eventsQueue).remove(eventJobId(job.id));
  });

  it.each(['pending', 'sent', 'off'] as const)('is not sent again when it is %s', async (event) => {
    const job = await ended(event);
    await expect(sendAgain(storage, job.id)).rejects.toMatchObject({ code: 'event-not-refused', status: 409 });
    expect(await eventOf(job)).toBe(event);
    if (event === 'pending') await deliver(world(), job.id, 1);
  });

  it('is kept, and sent again, when SQS says neither that it took it nor that it did not', async () => {
    const silentOn = await forgetting('1');
    try {
      open(queueUrl, silentOn.endpoint);
      const jobs = await Promise.all(Array.from({ length: 10 }, () => ended()));
      // As many as a batch takes, which leaves with the last of them however long that takes.
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const delivered = Promise.all(jobs.map(({ id }) => deliver(world(), id, 1)));
      const waits = await delivered.finally(() => vi.useRealTimers());
      expect(batches().map(({ action }) => action)).toEqual(['SendMessageBatch']);
      const kept = jobs.filter((_job, index) => waits[index] !== undefined);
      expect(kept).toHaveLength(1);
      expect(await Promise.all(kept.map(eventOf))).toEqual(['pending']);
      expect(await pending()).toBe(1);
      expect(await deliver(world(), kept[0]?.id ?? '', 2)).toBeUndefined();
      expect(new Set(await Promise.all(jobs.map(eventOf)))).toEqual(new Set(['sent']));
      expect(new Set(idsOf(await received()))).toEqual(new Set(jobs.map(({ id }) => id)));
    } finally {
      await silentOn.close();
    }
  });

  it('of nobody is not sent', async () => {
    await expect(sendAgain(storage, 'nobody')).rejects.toMatchObject({ code: 'job-not-found' });
    expect(await deliver(world(), 'nobody', 1)).toBeUndefined();
  });

  it('is not sent while the store takes no writes, which could not be told of it', async () => {
    const job = await ended();
    let isOn = true;
    const { storage: plain, ...rest } = world();
    const worker = startEventsWorker(
      { ...rest, storage: { ...plain, outage: { ...plain.outage, isOn: () => isOn } } },
      1,
    );
    try {
      await announceAgain(storage, [job]);
      await expect.poll(() => storage.queue(eventsQueue).getDelayedCount()).toBe(1);
      expect(batches()).toEqual([]);
      isOn = false;
      await expect.poll(() => eventOf(job)).toBe('sent');
    } finally {
      await worker.close();
    }
    expect(idsOf(await received())).toEqual([job.id]);
  });

  it('is delivered by a worker, a hundred at a time, through an outage', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => ended()));
    const trouble = emulator.switches.fault({ code: 'ServiceUnavailable' }, { api: 'sqs' });
    const worker = startEventsWorker(world(), 20);
    try {
      expect(await announceAgain(storage, all)).toBe(100);
      await vi.waitFor(() => expect(trouble.met).toBeGreaterThan(5), 150_000);
      expect(await pending()).toBe(100);
      trouble.remove();
      await vi.waitFor(async () => expect(await pending()).toBe(0), { timeout: 150_000, interval: 100 });
    } finally {
      await worker.close();
    }
    expect(new Set(idsOf(await received()))).toEqual(new Set(all.map(({ id }) => id)));
  });
});
