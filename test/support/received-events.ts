// Receives completion events over SQS like a subscriber, and counts each id once.
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { patience } from './patience.ts';

interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Record<string, unknown>;
}

/** Receives until there are `expected` different events. */
export async function receiveEvents(queueUrl: string, expected: number): Promise<ReceivedEvent[]> {
  const client = new SQSClient({
    endpoint: new URL(queueUrl).origin,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'stand-in', secretAccessKey: 'stand-in' },
  });
  const events = new Map<string, ReceivedEvent>();
  const until = Date.now() + patience;
  try {
    while (events.size < expected) {
      if (Date.now() > until) throw new Error(`${events.size} of ${expected} events came in ${patience} ms.`);
      const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
      const { Messages = [] } = await client.send(receive);
      for (const { Body = '', ReceiptHandle } of Messages) {
        const event = JSON.parse(Body) as ReceivedEvent;
        events.set(event.id, event);
        await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    }
  } finally {
    client.destroy();
  }
  return [...events.values()];
}
