// Everything that works in one process: a worker for each queue, one for events, and the sweep.
import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import { type Aws, type CallSeen, createAws } from '../aws/clients.ts';
import { createSqs } from '../aws/sqs.ts';
import { dataPlaneRules } from '../aws/data-plane-host.ts';
import { type Config, boardIsOn } from '../config.ts';
import { operationOf } from '../handlers/index.ts';
import { policyOf } from '../queue/request.ts';
import { type EventSender, createEventSender } from '../queue/event-sender.ts';
import { startHeartbeat } from '../queue/heartbeat.ts';
import { workQueues } from '../queue/names.ts';
import { reportCredentials } from '../queue/readiness.ts';
import { applyRate, ratesOf } from '../queue/rate.ts';
import type { Storage } from '../queue/storage.ts';
import { isStoreTrouble } from '../records/store-trouble.ts';
import type { Logger } from 'pino';
import type { Dependencies } from './visit-context.ts';
import { startEventsWorker } from './events.ts';
import { startOperationWorker } from './operation-worker.ts';
import { type Found, startSweep } from './sweep.ts';

/** Callbacks that report the work, for metrics. They must not throw. */
interface Onlookers {
  readonly onCall?: (target: string, call: CallSeen) => void;
  readonly onVisit?: Dependencies['onVisit'];
  readonly onUnknownStatus?: Dependencies['onUnknownStatus'];
  readonly onSwept?: (found: Found) => void;
  meteredSender?(sender: EventSender): EventSender;
}

/** The AWS clients of each target, made once per process. */
export function awsClients(config: Config, { onCall }: Onlookers = {}): ReadonlyMap<string, Aws> {
  const rules = dataPlaneRules(config);
  return new Map(
    config.targets.map((target) => {
      const told = onCall && ((call: CallSeen) => onCall(target.name, call));
      return [target.name, createAws(target, { ...rules, ...(told ? { onCall: told } : {}) })];
    }),
  );
}

export function createDependencies(
  config: Config,
  { store }: Storage,
  clients: ReadonlyMap<string, Aws>,
  log: Logger,
  { onVisit, onUnknownStatus }: Onlookers = {},
): Dependencies {
  return {
    store,
    operationOf,
    awsOf: (target) => clients.get(target),
    policyOf: policyOf(config),
    bounds: {
      pollMin: config.NEPTUNE_OPS_POLL_MIN_MS,
      pollMax: config.NEPTUNE_OPS_POLL_MAX_MS,
      settleMax: config.NEPTUNE_OPS_SETTLE_MAX_MS,
    },
    events: config.NEPTUNE_OPS_EVENTS_QUEUE_URL !== undefined,
    log,
    random: Math.random,
    onCredentials: reportCredentials(store),
    ...(onVisit ? { onVisit } : {}),
    ...(onUnknownStatus ? { onUnknownStatus } : {}),
  };
}

/** Starts the work. Returns the function that stops it, within the time that the settings allow. */
export async function startWorkers(
  config: Config,
  storage: Storage,
  deps: Dependencies,
  { onSwept, meteredSender = (sender) => sender }: Onlookers = {},
): Promise<() => Promise<void>> {
  const { log } = deps;
  const concurrency = config.NEPTUNE_OPS_CONCURRENCY;
  const rates = ratesOf(config);
  const queues = workQueues(config.targets).map(({ name, api }) => ({ name, rate: rates[api] }));
  const tells = boardIsOn(config);
  const workers: Worker[] = [];
  for (const { name, rate } of queues) {
    // A store that takes no writes just now is no reason not to start: the sweep sets the limit anew.
    await applyRate(storage.store, storage.queue(name), rate).catch((error: Error) => {
      if (!isStoreTrouble(error)) throw error;
      storage.outage.met(error);
    });
    workers.push(startOperationWorker({ storage, deps, name, rate, concurrency, tells }));
  }
  const sender = deps.events ? meteredSender(senderOf(config)) : undefined;
  if (sender) {
    workers.push(startEventsWorker({ storage, sender, source: config.NEPTUNE_OPS_SOURCE, log }, concurrency));
  }
  const heart = await startHeartbeat(storage.store);
  const keepMs = config.NEPTUNE_OPS_KEEP_DAYS * 86_400_000;
  const sweeping = startSweep({ storage, deps, queues, keepMs, ...(onSwept ? { onSwept } : {}) });
  return async () => {
    // With the store gone, closing a worker may never finish. Another process resumes what is cut short.
    const closing = Promise.all([heart.stop(), sweeping.stop(), ...workers.map((worker) => worker.close())]).then(
      () => true,
    );
    if (!(await Promise.race([closing, pause(config.NEPTUNE_OPS_DRAIN_MS, false)]))) {
      log.warn('Visits under way did not end in time; they are resumed by another worker.');
      void Promise.allSettled(workers.map((worker) => worker.close(true)));
    }
    sender?.close();
  };
}

function senderOf(config: Config) {
  const queueUrl = config.NEPTUNE_OPS_EVENTS_QUEUE_URL ?? '';
  const sqs = createSqs({ region: config.AWS_REGION, endpoint: config.AWS_ENDPOINT_URL_SQS });
  return createEventSender({ queueUrl, sqs });
}
