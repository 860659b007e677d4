// Delivers completion events to SQS: one try per visit, repeated for as long as SQS can't be reached.
import { DelayedError, type Job, type Worker } from 'bullmq';
import type { Logger } from 'pino';
import type { QueuedEvent } from '../queue/announce.ts';
import { type EventMessage, completionEvent } from '../queue/completion-event.ts';
import type { EventSender } from '../queue/event-sender.ts';
import { eventsQueue } from '../queue/names.ts';
import type { Storage } from '../queue/storage.ts';
import { changeEvent } from '../queue/event-state.ts';
import { ended, readJob } from '../records/job.ts';
import { SpanKind, fail, traced } from '../tracing/trace.ts';
import { backoff } from './cadence.ts';
import { workerSettings } from './operation-worker.ts';

interface EventsWorld {
  readonly storage: Storage;
  readonly sender: EventSender;
  readonly source: string;
  readonly log: Logger;
}

/** The wait for the store stops growing after this many faults, at eight seconds: a longer one would help nobody. */
const mostStoreFaults = 5;

/** Delivers events until the worker is closed. */
export function startEventsWorker(world: EventsWorld, concurrency: number): Worker {
  const worker = world.storage.worker(
    eventsQueue,
    async (job: Job<QueuedEvent>, token?: string) => {
      const later = backoff(Math.min(job.attemptsStarted, mostStoreFaults), 'fault', {}, Math.random);
      // A store that takes no writes can't record that the event was sent, so it would be sent again and again.
      const wait = world.storage.outage.isOn()
        ? later
        : await deliver(world, job.data.job, job.attemptsStarted).catch((error: Error) => {
            const { job: id, ...about } = job.data;
            world.storage.outage.met(error, { job: id, ...about }, 'the try to send an event broke off');
            return later;
          });
      if (wait === undefined) return;
      // Even if the move failed, the queue's job must not end: stalled recovery repeats it.
      await job.moveToDelayed(Date.now() + wait, token).catch(() => undefined);
      throw new DelayedError();
    },
    workerSettings(concurrency),
  );
  worker.on('error', (error) => world.storage.outage.met(error, { queue: eventsQueue }, 'worker'));
  return worker;
}

/** One try. Returns the wait for the next in milliseconds, or `undefined` when nothing is left to do. */
export async function deliver(
  { storage, sender, source, log }: EventsWorld,
  id: string,
  tries: number,
): Promise<number | undefined> {
  const { job: stored } = await readJob(storage.store, id);
  if (stored === undefined || ended(stored.value)?.event !== 'pending') return undefined;
  const { operation, resource, by, trace } = stored.value;
  const about = { job: id, operation, resource, by };
  let message: EventMessage;
  try {
    message = completionEvent(stored.value, source);
  } catch (error) {
    log.error({ ...about, err: error as Error }, 'event can not be made; it stays pending');
    return backoff(tries, 'fault', {}, Math.random);
  }
  const attributes = {
    'messaging.system': 'aws_sqs',
    'messaging.operation.type': 'send',
    'messaging.message.id': id,
    'neptune_ops.operation': operation,
    'neptune_ops.resource': resource,
  };
  const plan = { name: 'send completion-event', kind: SpanKind.PRODUCER, attributes, parent: trace };
  const sent = await traced(plan, async (span) => {
    const became = await sender.send(message);
    if (span && became.is !== 'sent') fail(span, became.is);
    return became;
  });
  if (sent.is === 'later') {
    log.warn({ ...about, reason: sent.reason }, 'event not delivered yet');
    return backoff(tries, 'fault', {}, Math.random);
  }
  // Recorded before it is reported: an event that is reported but still pending would be sent again.
  await changeEvent(storage.store, id, 'pending', sent.is);
  if (sent.is === 'refused')
    log.error({ ...about, reason: sent.reason }, 'event refused by SQS for good; kept, and can be sent again');
  else log.info({ ...about, state: stored.value.state }, 'event sent');
  return undefined;
}
