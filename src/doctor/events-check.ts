// Checks the queue for completion events: that it exists, can be reached, and has the type its name says. It sends
// nothing.
import { GetQueueAttributesCommand } from '../aws/sdk/sqs.ts';
import { createSqs, regionOfQueue } from '../aws/sqs.ts';
import type { Config } from '../config.ts';
import { explainFault } from './explain-fault.ts';
import type { Chapter } from './finding.ts';

const timeout = 10_000;

export async function checkEvents(into: Chapter, config: Config): Promise<void> {
  const { NEPTUNE_OPS_EVENTS_QUEUE_URL: url, AWS_REGION: region, AWS_ENDPOINT_URL_SQS: endpoint } = config;
  if (url === undefined) {
    return into.untried('queue', 'NEPTUNE_OPS_EVENTS_QUEUE_URL is not set: no completion events are sent');
  }
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  const elsewhere = regionOfQueue(url);
  if (elsewhere !== undefined && elsewhere !== region) {
    into.wrong(
      'region',
      `the queue is in ${elsewhere}, requests are signed for ${region}`,
      `Make a queue in ${region}.`,
    );
  }
  const sqs = createSqs({ region, endpoint });
  try {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
    const { Attributes = {} } = await sqs.client.send(command, { abortSignal: AbortSignal.timeout(timeout) });
    const waiting = Attributes['ApproximateNumberOfMessages'] ?? '?';
    into.fine('queue', `${name} (${name.endsWith('.fifo') ? 'FIFO' : 'standard'}), ${waiting} messages wait`);
    into.untried('sqs:SendMessage', 'not tried, it would send something: docs/iam.md');
  } catch (error) {
    sayTrouble(into, error, name, region);
  } finally {
    sqs.close();
  }
}

function sayTrouble(into: Chapter, error: unknown, name: string, region: string): void {
  const code = String((error as { name?: unknown }).name);
  if (/QueueDoesNotExist|NonExistentQueue/.test(code)) {
    const fifo = name.endsWith('.fifo') ? ' --attributes FifoQueue=true' : '';
    const make = `aws sqs create-queue --region ${region} --queue-name ${name}${fifo}; or correct NEPTUNE_OPS_EVENTS_QUEUE_URL`;
    return into.wrong('queue', `there is no queue ${name}, so no completion event gets out`, make);
  }
  const { says, mend, means } = explainFault(error, 'sqs:GetQueueAttributes', { region });
  // The service itself only needs to send.
  if (means === 'denied') return into.untried('queue', `${name} can't be asked after: ${says}`);
  into.wrong('queue', `${name}: ${says}`, mend);
}
