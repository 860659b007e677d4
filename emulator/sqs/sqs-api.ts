// SQS: AWS JSON 1.0 with the query-compatible error header.
import type { Clock } from '../clock.ts';
import type { Arrival, ApiCall, Reply, RequestContext, Wire } from '../endpoint.ts';
import type { Journal } from '../journal.ts';
import { checkDraft, digestAttributes, type Draft, invalidValue, md5, missingParameter, sizeOf } from './messages.ts';
import { ACCOUNT, arnOf, resourceName } from '../names.ts';
import { Queue, type QueueSettings } from './queues.ts';
import { refusal } from '../refusal.ts';
import { checkBatch, checkBatchSize, runBatch } from './sqs-batches.ts';
import { describeMessage, numberIn, queueAttributes, settingsIn } from './sqs-attributes.ts';
import type { Switches } from '../switches.ts';

type Input = Readonly<Record<string, unknown>>;
type Entry = Draft & { Id: string; ReceiptHandle?: string; VisibilityTimeout?: number };

/** The queues of the account, by name. */
export interface Postbox {
  clock: Clock;
  journal: Journal;
  switches: Switches;
  region: string;
  queues: Map<string, Queue>;
  /** The URL of a queue. It is known once the port is. */
  urlOf(name: string): string;
}

function queueIn(box: Postbox, input: Input): Queue {
  const url = input['QueueUrl'];
  if (typeof url !== 'string') throw missingParameter('QueueUrl');
  const [account, name] = url.split('/').slice(-2);
  const queue = account === ACCOUNT ? box.queues.get(name ?? '') : undefined;
  if (queue) return queue;
  throw refusal('sqs', 'QueueDoesNotExist', 'The specified queue does not exist.');
}

/** Creates a queue, or returns the one with that name if its settings agree. */
export function createQueue(box: Postbox, name: string, settings: Partial<QueueSettings> = {}): Queue {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(name.replace(/\.fifo$/, '')) || name.length > 80) {
    throw invalidValue('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
  }
  const present = box.queues.get(name);
  if (present === undefined) {
    const queue = new Queue(box.clock, name, settings);
    box.queues.set(name, queue);
    return queue;
  }
  const differs = Object.entries(settings).some(
    ([key, value]) => present.settings[key as keyof QueueSettings] !== value,
  );
  if (!differs) return present;
  throw refusal(
    'sqs',
    'QueueNameExists',
    'A queue already exists with the same name and a different value for an attribute',
  );
}

function send(box: Postbox, queue: Queue, draft: Draft, request: RequestContext): Record<string, unknown> {
  checkDraft(draft);
  if (queue.isFifo && draft.DelaySeconds) {
    throw invalidValue(
      `Value ${draft.DelaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  }
  const sent = queue.send(draft);
  if (!sent.isRepeat) {
    box.journal.changed('send-message', resourceName.queue(queue.name), request.requestId, { id: sent.id });
  }
  return {
    MessageId: sent.id,
    MD5OfMessageBody: md5(draft.MessageBody ?? ''),
    MD5OfMessageAttributes: digestAttributes(draft.MessageAttributes ?? {}),
    MD5OfMessageSystemAttributes: digestAttributes(draft.MessageSystemAttributes ?? {}),
    SequenceNumber: sent.sequenceNumber,
  };
}

function textIn(entry: Input, name: string): string {
  const value = entry[name];
  if (typeof value !== 'string' || value === '') throw missingParameter(name);
  return value;
}

function hide(queue: Queue, entry: Input): Record<string, unknown> {
  const seconds = numberIn(entry, 'VisibilityTimeout', 0, 43_200);
  if (seconds === undefined) throw missingParameter('VisibilityTimeout');
  queue.changeVisibility(textIn(entry, 'ReceiptHandle'), seconds * 1000);
  return {};
}

function remove(queue: Queue, entry: Input): Record<string, unknown> {
  queue.delete(textIn(entry, 'ReceiptHandle'));
  return {};
}

function batch(
  box: Postbox,
  input: Input,
  action: string,
  perform: (queue: Queue, entry: Entry) => Record<string, unknown>,
): Record<string, unknown> {
  const queue = queueIn(box, input);
  const entries = checkBatch(input['Entries'] as Entry[] | undefined) as Entry[];
  checkBatchSize(entries.reduce((sum, entry) => sum + sizeOf(entry), 0));
  const doomed = box.switches.failedEntriesOf({ api: 'sqs', action, resource: resourceName.queue(queue.name) });
  return runBatch(entries, doomed, (entry) => perform(queue, entry));
}

async function receive(box: Postbox, input: Input, request: RequestContext): Promise<Record<string, unknown>> {
  const queue = queueIn(box, input);
  const { VisibilityTimeout, ReceiveMessageWaitTimeSeconds } = queue.settings;
  const messages = await queue.receive({
    max: numberIn(input, 'MaxNumberOfMessages', 1, 10) ?? 1,
    visibilityMs: (numberIn(input, 'VisibilityTimeout', 0, 43_200) ?? VisibilityTimeout) * 1000,
    waitMs: (numberIn(input, 'WaitTimeSeconds', 0, 20) ?? ReceiveMessageWaitTimeSeconds) * 1000,
    isGone: request.isGone,
  });
  return messages.length === 0 ? {} : { Messages: messages.map((message) => describeMessage(queue, message, input)) };
}

const actions: Readonly<Record<string, (box: Postbox, input: Input, request: RequestContext) => unknown>> = {
  CreateQueue(box, input) {
    const name = textIn(input, 'QueueName');
    const { isFifo, settings } = settingsIn(input['Attributes']);
    if (isFifo !== name.endsWith('.fifo')) {
      throw invalidValue(
        'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length',
      );
    }
    return { QueueUrl: box.urlOf(createQueue(box, name, settings).name) };
  },
  GetQueueUrl(box, input) {
    const name = textIn(input, 'QueueName');
    if (box.queues.has(name)) return { QueueUrl: box.urlOf(name) };
    throw refusal('sqs', 'QueueDoesNotExist', 'The specified queue does not exist.');
  },
  GetQueueAttributes(box, input) {
    const queue = queueIn(box, input);
    const names = (input['AttributeNames'] ?? []) as string[];
    return { Attributes: queueAttributes(queue, arnOf.queue(box.region, queue.name), names) };
  },
  SendMessage: (box, input, request) => send(box, queueIn(box, input), input, request),
  SendMessageBatch: (box, input, request) =>
    batch(box, input, 'SendMessageBatch', (queue, entry) => send(box, queue, entry, request)),
  ReceiveMessage: receive,
  DeleteMessage: (box, input) => remove(queueIn(box, input), input),
  DeleteMessageBatch: (box, input) =>
    batch(box, input, 'DeleteMessageBatch', (queue, entry) => remove(queue, { ...entry })),
  ChangeMessageVisibility: (box, input) => hide(queueIn(box, input), input),
  ChangeMessageVisibilityBatch: (box, input) =>
    batch(box, input, 'ChangeMessageVisibilityBatch', (queue, entry) => hide(queue, { ...entry })),
  PurgeQueue(box, input) {
    queueIn(box, input).purge();
    return {};
  },
};

function json(status: number, requestId: string, body: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': requestId, ...headers },
    body: JSON.stringify(body),
  };
}

function parseBody(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    throw invalidValue('The request body is not JSON.');
  }
}

/** The queues of this account over HTTP. */
export function createSqsWire(box: Postbox): Wire {
  return {
    api: 'sqs',
    read({ headers, body }: Arrival): ApiCall {
      const action = /^AmazonSQS\.(\w+)$/.exec(String(headers['x-amz-target']))?.[1] ?? '';
      const known = actions[action];
      if (known === undefined) throw refusal('sqs', 'UnknownOperationException', `Unknown operation ${action}`);
      const input = parseBody(body);
      const name =
        input['QueueName'] ??
        String(input['QueueUrl'] ?? '')
          .split('/')
          .at(-1);
      const resource = name ? resourceName.queue(String(name)) : undefined;
      return { action, resource, input, perform: (request) => known(box, input, request) };
    },
    answer: (_call, output, requestId) => json(200, requestId, output),
    refuse({ code, wireCode, status, message }, requestId) {
      const type = status < 500 ? 'Sender' : 'Receiver';
      const body = { __type: `com.amazonaws.sqs#${code}`, message };
      return json(status, requestId, body, { 'x-amzn-query-error': `${wireCode};${type}` });
    },
  };
}
