import { createHash } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, refusalOf, signedHeaders, startBench } from '../clients.ts';

let bench: Bench;
let QueueUrl: string;
beforeEach(async () => {
  bench = await startBench();
  QueueUrl = bench.createQueue('events');
});
afterEach(() => bench.close());

const send = (MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  bench.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> => {
  const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more });
  return (await bench.sqs.send(command)).Messages ?? [];
};
const bodies = (messages: Message[]) => messages.map(({ Body }) => Body);

describe('a message', () => {
  it('arrives with the digests that the SDK verifies, and the attributes asked for', async () => {
    const MessageAttributes = {
      type: { DataType: 'String', StringValue: 'neptune-ops.job.succeeded' },
      size: { DataType: 'Number', StringValue: '3' },
      raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
    };
    const sent = await send('grüße', { MessageAttributes });
    expect(sent.MD5OfMessageBody).toBe(createHash('md5').update('grüße').digest('hex'));
    // Worked out apart from the code, by the encoding in the SQS developer guide.
    expect(sent.MD5OfMessageAttributes).toBe(
      createHash('md5')
        .update(
          Buffer.concat(
            [
              [3, 'raw', 6, 'Binary', 2, Buffer.from([1, 2, 3])],
              [4, 'size', 6, 'Number', 1, Buffer.from('3')],
              [4, 'type', 6, 'String', 1, Buffer.from('neptune-ops.job.succeeded')],
            ].map(([a, name, b, type, transport, value]) => {
              const bytes = value as Buffer;
              const length = (n: unknown) => Buffer.from([0, 0, 0, Number(n)]);
              const head = [length(a), Buffer.from(String(name)), length(b), Buffer.from(String(type))];
              return Buffer.concat([...head, Buffer.from([Number(transport)]), length(bytes.length), bytes]);
            }),
          ),
        )
        .digest('hex'),
    );
    const [message] = await receive({ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'grüße',
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(bench.clock.now()) },
    });
    expect(message?.MessageAttributes?.['raw']?.BinaryValue).toEqual(new Uint8Array([1, 2, 3]));
    expect(bench.journal.effects('send-message', 'queue/events')).toHaveLength(1);
  });

  it('comes with a filtered choice of attributes, or none', async () => {
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    await send('x', { MessageAttributes: { 'job.id': text('1'), 'job.state': text('2'), other: text('3') } });
    const names = async (MessageAttributeNames?: string[]) => {
      const [message] = await receive({ MessageAttributeNames, VisibilityTimeout: 0 });
      return Object.keys(message?.MessageAttributes ?? {});
    };
    expect(await names()).toEqual([]);
    expect(await names(['job.*'])).toEqual(['job.id', 'job.state']);
    expect(await names(['other'])).toEqual(['other']);
  });

  it('is hidden once received, comes back after the visibility time-out, and is gone once deleted', async () => {
    await send('x');
    const [first] = await receive();
    expect(await receive()).toEqual([]);
    bench.clock.advance(30_000);
    const [second] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(second?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    const handle = { QueueUrl, ReceiptHandle: second?.ReceiptHandle };
    await bench.sqs.send(new ChangeMessageVisibilityCommand({ ...handle, VisibilityTimeout: 0 }));
    expect(await receive()).toHaveLength(1);
    await bench.sqs.send(new DeleteMessageCommand(handle));
    bench.clock.advance(60_000);
    expect(await receive()).toEqual([]);
    const gone = bench.sqs.send(new ChangeMessageVisibilityCommand({ ...handle, VisibilityTimeout: 5 }));
    expect(await refusalOf(gone)).toMatchObject({ name: 'MessageNotInflight', status: 400 });
    const nonsense = bench.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'nonsense' }));
    expect(await refusalOf(nonsense)).toMatchObject({ name: 'ReceiptHandleIsInvalid', status: 404 });
  });

  it('wakes a long poll when it arrives, or when its delay is over', async () => {
    const startedAt = Date.now();
    const waiting = receive({ WaitTimeSeconds: 20 });
    setTimeout(() => void send('x'), 50);
    expect(bodies(await waiting)).toEqual(['x']);
    await send('later', { DelaySeconds: 60 });
    const waitingAgain = receive({ WaitTimeSeconds: 20 });
    bench.clock.advance(60_000);
    expect(bodies(await waitingAgain)).toContain('later');
    expect(Date.now() - startedAt).toBeLessThan(19_000);
    expect(await receive({ WaitTimeSeconds: 1 })).toEqual([]);
  });

  it('is not lost on a caller who has given up', async () => {
    const abort = new AbortController();
    const command = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
    const given = bench.sqs.send(command, { abortSignal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    expect((await refusalOf(given)).name).toBe('AbortError');
    await send('x');
    expect(bodies(await receive({ WaitTimeSeconds: 1 }))).toEqual(['x']);
  });

  it.each([
    ['without a body', { MessageBody: '' }, 'MissingParameter'],
    ['with a character that XML does not know', { MessageBody: 'a\u0001b' }, 'InvalidMessageContents'],
    ['above 1 MiB', { MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
    ['delayed for too long', { MessageBody: 'x', DelaySeconds: 901 }, 'InvalidParameterValue'],
    [
      'with eleven attributes',
      {
        MessageBody: 'x',
        MessageAttributes: Object.fromEntries(
          Array.from({ length: 11 }, (_, i) => [`a${i}`, { DataType: 'String', StringValue: 'v' }]),
        ),
      },
      'InvalidParameterValue',
    ],
    ['to a queue that is not there', { MessageBody: 'x', QueueUrl: 'nowhere' }, 'QueueDoesNotExist'],
  ])('is refused %s', async (_what, input, name) => {
    const url = 'QueueUrl' in input ? `${bench.endpoints.sqs}/000000000000/${input.QueueUrl}` : QueueUrl;
    const call = bench.sqs.send(new SendMessageCommand({ ...input, QueueUrl: url }));
    expect((await refusalOf(call)).name).toBe(name);
    expect(bench.journal.effects()).toEqual([]);
  });
});

describe('a batch', () => {
  const sendBatch = (entries: { Id: string; MessageBody: string }[]) =>
    bench.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries }));
  const entry = (Id: string, MessageBody = 'x') => ({ Id, MessageBody });

  it('succeeds and fails entry by entry', async () => {
    const answer = await sendBatch([entry('a'), entry('b', 'b\u0000'), entry('c')]);
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(answer.Failed).toMatchObject([{ Id: 'b', SenderFault: true, Code: 'InvalidMessageContents' }]);
    const messages = await receive();
    const Entries = messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    const removal = { QueueUrl, Entries: [...Entries, { Id: 'z', ReceiptHandle: 'nonsense' }] };
    const removed = await bench.sqs.send(new DeleteMessageBatchCommand(removal));
    expect(removed.Successful).toHaveLength(2);
    expect(removed.Failed).toMatchObject([{ Id: 'z', SenderFault: true, Code: 'ReceiptHandleIsInvalid' }]);
  });

  it('fails in part on demand', async () => {
    bench.switches.failEntries({ code: 'InternalError', ids: ['b'] }, { times: 1 });
    const answer = await sendBatch([entry('a'), entry('b')]);
    expect(answer.Failed).toMatchObject([{ Id: 'b', SenderFault: false, Code: 'InternalError' }]);
    expect((await sendBatch([entry('b')])).Failed ?? []).toEqual([]);
    expect(bench.journal.effects('send-message')).toHaveLength(2);
  });

  it.each([
    ['empty', () => [], 'EmptyBatchRequest'],
    ['of eleven', () => Array.from({ length: 11 }, (_, i) => entry(String(i))), 'TooManyEntriesInBatchRequest'],
    ['with an id twice', () => [entry('a'), entry('a')], 'BatchEntryIdsNotDistinct'],
    ['with an id that is none', () => [entry('a b')], 'InvalidBatchEntryId'],
    [
      'above 1 MiB in all',
      () => [entry('a', 'x'.repeat(600_000)), entry('b', 'x'.repeat(600_000))],
      'BatchRequestTooLong',
    ],
  ])('is refused when %s', async (_what, entries, name) => {
    expect(await refusalOf(sendBatch(entries()))).toMatchObject({ name, status: 400 });
    expect(bench.journal.effects()).toEqual([]);
  });
});

describe('a FIFO queue', () => {
  beforeEach(() => {
    QueueUrl = bench.createQueue('events', { fifo: true });
  });
  const sendFifo = (body: string, group: string, id = body) =>
    send(body, { MessageGroupId: group, MessageDeduplicationId: id });

  it('knows a message for five minutes by its deduplication id', async () => {
    const first = await sendFifo('a', 'g', 'same');
    const again = await sendFifo('other body', 'g', 'same');
    expect(again.MessageId).toBe(first.MessageId);
    expect(again.SequenceNumber).toBe(first.SequenceNumber);
    expect(bench.journal.effects('send-message')).toHaveLength(1);
    expect(bodies(await receive())).toEqual(['a']);
    bench.clock.advance(300_000);
    expect((await sendFifo('b', 'g', 'same')).MessageId).not.toBe(first.MessageId);
  });

  it('keeps the order within a group, and holds a group back while one of it is in flight', async () => {
    for (const [body, group] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
      ['a3', 'a'],
    ] as const)
      await sendFifo(body, group);
    const [first] = await receive({ MaxNumberOfMessages: 1 });
    expect(first?.Body).toBe('a1');
    expect(bodies(await receive())).toEqual(['b1']);
    await bench.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    expect(bodies(await receive())).toEqual(['a2', 'a3']);
  });

  it('needs a group, a deduplication id, and no delay', async () => {
    const one = { MessageGroupId: 'g' };
    expect((await refusalOf(send('x', { MessageDeduplicationId: 'x' }))).name).toBe('MissingParameter');
    expect((await refusalOf(send('x', one))).name).toBe('InvalidParameterValue');
    const delayed = send('x', { ...one, MessageDeduplicationId: 'x', DelaySeconds: 1 });
    expect((await refusalOf(delayed)).name).toBe('InvalidParameterValue');
  });
});

describe('queues', () => {
  it('are made, found and described by name', async () => {
    const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true', VisibilityTimeout: '5' };
    const made = await bench.sqs.send(new CreateQueueCommand({ QueueName: 'new.fifo', Attributes }));
    expect(made.QueueUrl).toBe(`${bench.endpoints.sqs}/000000000000/new.fifo`);
    const found = await bench.sqs.send(new GetQueueUrlCommand({ QueueName: 'new.fifo' }));
    expect(found.QueueUrl).toBe(made.QueueUrl);
    await bench.sqs.send(new SendMessageCommand({ QueueUrl: made.QueueUrl, MessageBody: 'x', MessageGroupId: 'g' }));
    const ask = new GetQueueAttributesCommand({ QueueUrl: made.QueueUrl, AttributeNames: ['All'] });
    expect((await bench.sqs.send(ask)).Attributes).toMatchObject({
      FifoQueue: 'true',
      VisibilityTimeout: '5',
      ApproximateNumberOfMessages: '1',
      QueueArn: 'arn:aws:sqs:eu-west-1:000000000000:new.fifo',
    });
    await bench.sqs.send(new PurgeQueueCommand({ QueueUrl: made.QueueUrl }));
    expect((await bench.sqs.send(ask)).Attributes).toMatchObject({ ApproximateNumberOfMessages: '0' });
    const missing = bench.sqs.send(new GetQueueUrlCommand({ QueueName: 'nobody' }));
    expect(await refusalOf(missing)).toMatchObject({ name: 'QueueDoesNotExist', status: 400 });
    const other = new CreateQueueCommand({
      QueueName: 'new.fifo',
      Attributes: { ...Attributes, VisibilityTimeout: '6' },
    });
    expect((await refusalOf(bench.sqs.send(other))).name).toBe('QueueNameExists');
    const misnamed = new CreateQueueCommand({ QueueName: 'new', Attributes });
    expect((await refusalOf(bench.sqs.send(misnamed))).name).toBe('InvalidParameterValue');
  });

  it('want signed requests', async () => {
    const post = async (headers: Record<string, string>) => {
      const target = { 'x-amz-target': 'AmazonSQS.GetQueueUrl' };
      const answer = await fetch(bench.endpoints.sqs, {
        method: 'POST',
        headers: { ...headers, ...target },
        body: '{}',
      });
      return [answer.status, answer.headers.get('x-amzn-query-error')];
    };
    expect(await post({})).toEqual([403, 'MissingAuthenticationToken;Sender']);
    expect(await post(signedHeaders('sqs', new Date(0)))).toEqual([403, 'SignatureDoesNotMatch;Sender']);
    expect(await post(signedHeaders('sqs'))).toEqual([400, 'MissingParameter;Sender']);
  });
});
