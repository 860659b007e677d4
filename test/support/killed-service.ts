// A process for a test: the service, with a store, clients and a sender that end the process with SIGKILL at the moment
// that KILL_AT names. Without KILL_AT it is the plain service.
import { createAws } from '../../src/aws/clients.ts';
import { readConfig } from '../../src/config.ts';
import { operationOf } from '../../src/handlers/index.ts';
import { createLog } from '../../src/log.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import { policyOf } from '../../src/queue/request.ts';
import { createSqs } from '../../src/aws/sqs.ts';
import { createEventSender } from '../../src/queue/event-sender.ts';
import { workQueues } from '../../src/queue/names.ts';
import { openStorage, type Storage } from '../../src/queue/storage.ts';
import type { Store } from '../../src/records/store.ts';
import { startService } from '../../src/service.ts';
import { startEventsWorker } from '../../src/workers/events.ts';
import { startOperationWorker } from '../../src/workers/operation-worker.ts';
import { startSweep } from '../../src/workers/sweep.ts';
import type { AnyJob } from './jobs.ts';

/**
 * After the commit of the accepted job; of the intent; before the changing request; after its effect; after the end;
 * after the event.
 */
export type Moment = 'accepted' | 'intent' | 'request' | 'effect' | 'end' | 'event';

const { KILL_AT, REQUEST = '{}' } = process.env;
const log = createLog('info');
const config = readConfig(process.env);

if (KILL_AT === undefined) {
  await startService(config, 'worker', log);
} else {
  await liveUntil(KILL_AT as Moment);
}

function dieIf(moment: boolean): void {
  if (moment) process.kill(process.pid, 'SIGKILL');
}

async function liveUntil(moment: Moment): Promise<void> {
  const storage = mortal(
    await openStorage({
      redisUrl: config.REDIS_URL,
      redisTimeoutMs: config.NEPTUNE_OPS_REDIS_TIMEOUT_MS,
      dataDir: config.NEPTUNE_OPS_DATA_DIR,
      log,
    }),
    moment,
  );
  const aws = createAws(config.targets[0] ?? { name: 'default', region: config.AWS_REGION }, {
    dataPlaneScheme: 'http',
  });
  const handler = aws.neptune.config.requestHandler;
  const handle = handler.handle.bind(handler);
  handler.handle = async (request, options) => {
    const changes = /Action=StopDBCluster|performDatabaseReset/.test(String(request.body));
    dieIf(changes && moment === 'request');
    // It dies at the answer, also when that comes after the caller's time-out.
    const answer = await handle(request, changes && moment === 'effect' ? {} : options);
    dieIf(changes && moment === 'effect');
    return answer;
  };
  const world = {
    store: storage.store,
    operationOf,
    awsOf: () => aws,
    policyOf: policyOf(config),
    bounds: { pollMax: config.NEPTUNE_OPS_POLL_MAX_MS, settleMax: config.NEPTUNE_OPS_SETTLE_MAX_MS },
    events: true,
    log,
    random: Math.random,
  };
  const queues = workQueues(config.targets).map(({ name }) => ({ name, rate: 20 }));
  for (const { name, rate } of queues) startOperationWorker({ storage, deps: world, name, rate, concurrency: 5 });
  const sender = createEventSender({
    queueUrl: config.NEPTUNE_OPS_EVENTS_QUEUE_URL ?? '',
    sqs: createSqs({ region: config.AWS_REGION, endpoint: config.AWS_ENDPOINT_URL_SQS }),
  });
  const send: typeof sender.send = async (message) => {
    const sent = await sender.send(message);
    dieIf(moment === 'event');
    return sent;
  };
  startEventsWorker({ storage, sender: { ...sender, send }, source: config.NEPTUNE_OPS_SOURCE, log }, 5);
  startSweep({ storage, deps: world, queues, keepMs: 86_400_000 });
  await enqueue(storage, config, JSON.parse(REQUEST) as { operation: string; input: unknown });
}

function mortal(storage: Storage, moment: Moment): Storage {
  const { store } = storage;
  const commit: Store['commit'] = async (changes) => {
    const committed = await store.commit(changes);
    for (const change of changes) {
      if (!('value' in change)) continue;
      const { phase, outcome, state } = change.value as Partial<AnyJob>;
      dieIf(moment === 'accepted' && state === 'queued');
      dieIf(moment === 'intent' && phase === 'settle');
      dieIf(moment === 'end' && outcome !== undefined);
    }
    return committed;
  };
  return { ...storage, store: { ...store, commit } };
}
