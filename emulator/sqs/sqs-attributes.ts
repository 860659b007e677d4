// Attributes of queues and of received messages, in the SQS API's format.
import { type Attributes, digestAttributes, invalidValue } from './messages.ts';
import type { Message, Queue, QueueSettings } from './queues.ts';
import { refusal } from '../refusal.ts';

type Input = Readonly<Record<string, unknown>>;

const SENDER = 'AIDASTANDINSENDER';

/** A whole number within bounds; `undefined` if it is absent. */
export function numberIn(input: Input, name: string, min: number, max: number): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  const reason = `Must be >= ${min} and <= ${max}, if provided.`;
  throw invalidValue(`Value ${String(value)} for parameter ${name} is invalid. Reason: ${reason}`);
}

const bounds: Readonly<Record<string, readonly [min: number, max: number]>> = {
  VisibilityTimeout: [0, 43_200],
  DelaySeconds: [0, 900],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  MessageRetentionPeriod: [60, 1_209_600],
};

/** The `Attributes` of CreateQueue. Those without effect here are accepted. */
export function settingsIn(attributes: unknown): { isFifo: boolean; settings: Partial<QueueSettings> } {
  const settings: Record<string, number | boolean> = {};
  const given = Object.entries((attributes ?? {}) as Record<string, string>);
  for (const [name, text] of given) {
    const range = bounds[name];
    if (name === 'ContentBasedDeduplication') settings[name] = text === 'true';
    if (range === undefined) continue;
    const value = /^\d+$/.test(text) ? Number(text) : -1;
    if (value < range[0] || value > range[1]) {
      throw refusal('sqs', 'InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
    }
    settings[name] = value;
  }
  return { isFifo: given.some(([name, text]) => name === 'FifoQueue' && text === 'true'), settings };
}

/** The attributes asked for; `All` means all of them. */
export function queueAttributes(queue: Queue, arn: string, names: readonly string[]): Record<string, string> {
  const { visible, inFlight, delayed } = queue.count();
  const { ContentBasedDeduplication, ...settings } = queue.settings;
  const createdAt = Math.floor(queue.createdAt / 1000);
  const all: Record<string, unknown> = {
    QueueArn: arn,
    ApproximateNumberOfMessages: visible,
    ApproximateNumberOfMessagesNotVisible: inFlight,
    ApproximateNumberOfMessagesDelayed: delayed,
    CreatedTimestamp: createdAt,
    LastModifiedTimestamp: createdAt,
    MaximumMessageSize: 1_048_576,
    ...settings,
    ...(queue.isFifo && { FifoQueue: true, ContentBasedDeduplication }),
  };
  const wanted = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
  return Object.fromEntries(wanted.map(([name, value]) => [name, String(value)]));
}

function systemAttributes(message: Message, names: readonly string[]): Record<string, string> {
  const all: Record<string, string | undefined> = {
    SenderId: SENDER,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    SequenceNumber: message.sequenceNumber,
    MessageDeduplicationId: message.deduplicationId,
    MessageGroupId: message.groupId,
    AWSTraceHeader: message.systemAttributes['AWSTraceHeader']?.StringValue,
  };
  const wanted = Object.entries(all).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (names.includes('All') || names.includes(entry[0])),
  );
  return Object.fromEntries(wanted);
}

function messageAttributes(attributes: Attributes, names: readonly string[]): Attributes {
  const isWanted = (name: string) =>
    names.some(
      (each) =>
        each === 'All' || each === name || (each.endsWith('.*') && name.startsWith(each.slice(0, -1))) || each === '.*',
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}

/** A received message with the attributes that the receiver asked for. */
export function describeMessage(queue: Queue, message: Message, input: Input): Record<string, unknown> {
  const system = [input['MessageSystemAttributeNames'], input['AttributeNames']].flatMap(
    (names) => (names ?? []) as string[],
  );
  const chosen = systemAttributes(message, system);
  const attributes = messageAttributes(message.attributes, (input['MessageAttributeNames'] ?? []) as string[]);
  return {
    MessageId: message.id,
    ReceiptHandle: queue.handleOf(message),
    MD5OfBody: message.bodyMd5,
    Body: message.body,
    ...(Object.keys(chosen).length > 0 && { Attributes: chosen }),
    ...(Object.keys(attributes).length > 0 && {
      MessageAttributes: attributes,
      MD5OfMessageAttributes: digestAttributes(attributes),
    }),
  };
}
