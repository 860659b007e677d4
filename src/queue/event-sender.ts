// Sends completion events to SQS in batches within its limits. It tells final refusals from failures that may pass. One
// bad message never delays another.
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SQSClient,
} from '../aws/sdk/sqs.ts';
import { withoutSecrets } from '../redact.ts';
import { type EventMessage, largestMessage } from './completion-event.ts';

/** `later`: try again, for the given reason. `refused`: SQS will never take this message. */
type SendResult = { readonly is: 'sent' } | { readonly is: 'refused' | 'later'; readonly reason: string };

export interface EventSender {
  send(message: EventMessage): Promise<SendResult>;
  close(): void;
}

const largestBatch = 10;
/** How long a message waits for others to join its batch; milliseconds. */
const gatherFor = 20;
const timeout = 10_000;

/** SQS's errors for a single message that no repetition will fix. */
const refusals = new Set(['InvalidMessageContents', 'InvalidParameterValue', 'MessageTooLong', 'BatchRequestTooLong']);

interface Waiting {
  readonly message: EventMessage;
  readonly size: number;
  readonly settle: (sent: SendResult) => void;
}

interface SenderSettings {
  readonly queueUrl: string;
  readonly sqs: { readonly client: Pick<SQSClient, 'send'>; close(): void };
}

export function createEventSender({ queueUrl, sqs }: SenderSettings): EventSender {
  const fifo = queueUrl.endsWith('.fifo');
  let gathered: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  const entryOf = ({ message }: Waiting) => ({
    MessageBody: message.body,
    MessageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
    ),
    ...(fifo ? { MessageGroupId: message.group.slice(0, 128), MessageDeduplicationId: message.id } : {}),
  });

  async function sendOne(waiting: Waiting): Promise<void> {
    try {
      const command = new SendMessageCommand({ QueueUrl: queueUrl, ...entryOf(waiting) });
      await sqs.client.send(command, { abortSignal: AbortSignal.timeout(timeout) });
      waiting.settle({ is: 'sent' });
    } catch (error) {
      waiting.settle(verdict(error));
    }
  }

  async function sendBatch(batch: readonly Waiting[]): Promise<void> {
    const [only] = batch;
    if (batch.length === 1 && only) return sendOne(only);
    const Entries = batch.map((waiting, index): SendMessageBatchRequestEntry => ({
      Id: String(index),
      ...entryOf(waiting),
    }));
    try {
      const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
      const answer = await sqs.client.send(command, { abortSignal: AbortSignal.timeout(timeout) });
      const sent = new Set((answer.Successful ?? []).map(({ Id }) => Id));
      const failed = new Map((answer.Failed ?? []).map((entry) => [entry.Id, entry]));
      batch.forEach((waiting, index) => {
        const failure = failed.get(String(index));
        if (sent.has(String(index))) waiting.settle({ is: 'sent' });
        else if (failure === undefined) waiting.settle({ is: 'later', reason: 'SQS did not say what became of it.' });
        else {
          const reason = `${failure.Code}: ${failure.Message ?? ''}`;
          waiting.settle({ is: failure.SenderFault && refusals.has(failure.Code ?? '') ? 'refused' : 'later', reason });
        }
      });
    } catch (error) {
      // The batch was refused as a whole, so each message is sent by itself for an answer of its own.
      if (verdict(error).is === 'refused') await Promise.all(batch.map(sendOne));
      else for (const waiting of batch) waiting.settle(verdict(error));
    }
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const batch = gathered;
    gathered = [];
    if (batch.length > 0) void sendBatch(batch);
  }

  return {
    send(message) {
      return new Promise((settle) => {
        const size = Buffer.byteLength(message.body) + 1_000;
        const total = gathered.reduce((sum, waiting) => sum + waiting.size, 0);
        if (total + size > largestMessage) flush();
        gathered.push({ message, size, settle });
        if (gathered.length >= largestBatch) flush();
        else timer ??= setTimeout(flush, gatherFor);
      });
    },
    close() {
      flush();
      sqs.close();
    },
  };
}

function verdict(thrown: unknown): SendResult {
  const error = thrown as { name?: string; message?: string };
  const name = (error.name ?? 'Error').replace(/^.*\./, '');
  const reason = withoutSecrets(`${name}: ${error.message ?? String(thrown)}`);
  return { is: refusals.has(name) ? 'refused' : 'later', reason };
}
