// Starts the service from its parts: storage, workers, sweep and API server, in one process or in several. It doesn't
// know the emulator: endpoint settings lead there.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { startApiServer } from './api/server.ts';
import { startMetricsServer } from './api/metrics-server.ts';
import { endpointWarnings } from './aws/endpoints.ts';
import type { Config } from './config.ts';
import { serviceMetrics } from './metrics/service-metrics.ts';
import { refuseLostTargets } from './queue/lost-targets.ts';
import { type Storage, openStorage } from './queue/storage.ts';
import { indexOf } from './records/job.ts';
import { startSchedules } from './schedules/start.ts';
import { type WatchedPlan, watchPlan } from './schedules/file/watched-plan.ts';
import { startTracing } from './tracing/start.ts';
import { createDryRun } from './workers/dry-run.ts';
import { awsClients, startWorkers, createDependencies } from './workers/start.ts';

/** `all` in one process; `api` and `worker` in separate ones, which needs Redis. */
export type Role = 'all' | 'api' | 'worker';

interface Service {
  /** The API server's address; absent in a worker's process. */
  readonly url?: string;
  /** The address of a worker process' metrics and health, if the settings ask for one. */
  readonly metricsUrl?: string;
  /**
   * Isn't ready any more, but goes on answering as long as the settings say. Then stops taking work up, waits for what is
   * under way as long as the settings allow, and ends.
   */
  close(): Promise<void>;
}

export async function startService(config: Config, role: Role, log: Logger): Promise<Service> {
  // First, because clients and servers check whether tracing is on when they are made.
  const stopTracing = await startTracing(process.env, log);
  try {
    const service = await startParts(config, role, log);
    return { ...service, close: () => service.close().finally(stopTracing) };
  } catch (error) {
    await stopTracing();
    throw error;
  }
}

async function startParts(config: Config, role: Role, log: Logger): Promise<Service> {
  const schedules = openSchedules(config, log);
  const opened = await openStorage({
    redisUrl: config.REDIS_URL,
    redisTimeoutMs: config.NEPTUNE_OPS_REDIS_TIMEOUT_MS,
    dataDir: config.NEPTUNE_OPS_DATA_DIR,
    log,
  });
  const metrics = config.NEPTUNE_OPS_METRICS === 'on' ? serviceMetrics(config, role, opened, schedules) : undefined;
  const storage = metrics?.storage ?? opened;
  const clients = awsClients(config, metrics);
  const deps = createDependencies(config, storage, clients, log, metrics);
  const ends: (() => Promise<unknown>)[] = [];
  const ending = new AbortController();
  const close = async () => {
    const ended = await Promise.allSettled(ends.map((end) => end()));
    for (const end of ended) if (end.status === 'rejected') log.warn({ err: end.reason as Error }, 'while ending');
    for (const aws of clients.values()) aws.close();
    schedules?.close();
    await storage.close();
  };
  try {
    await refuseLostTargets(storage.store, config.targets);
    for (const remark of config.remarks) log.warn(remark);
    for (const warning of await storage.warnings()) log.warn(warning);
    if (!deps.events) await warnOfEvents(storage, log);
    if (role !== 'api') {
      ends.push(await startWorkers(config, storage, deps, metrics));
      ends.push(await startSchedules(config, storage, clients, schedules, log));
    }
    const isWorkerOnly = role === 'worker';
    const api = isWorkerOnly
      ? undefined
      : await startApiServer(config, storage, log, createDryRun(deps), schedules, metrics, ending.signal);
    if (api) ends.push(api.close);
    const port = isWorkerOnly ? config.NEPTUNE_OPS_METRICS_PORT : undefined;
    const metricsServer =
      metrics && port !== undefined
        ? await startMetricsServer(config, port, { storage, log, metrics, schedules, ending: ending.signal })
        : undefined;
    if (metricsServer) ends.push(metricsServer.close);
    const url = { ...(api ? { url: api.url } : {}), ...(metricsServer ? { metricsUrl: metricsServer.url } : {}) };
    log.info({ role, store: storage.kind, ...url, targets: config.targets.map(({ name }) => name) }, 'started');
    // Nobody's start waits for it.
    void warnOfEndpoints(config, log);
    return {
      ...url,
      async close() {
        ending.abort();
        // A process without a server is never asked whether it is ready.
        if (api ?? metricsServer) await pause(config.NEPTUNE_OPS_SHUTDOWN_DELAY_MS);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Never rejects: what can't be read here is told by the call that meets it. */
async function warnOfEndpoints(config: Config, log: Logger): Promise<void> {
  for (const warning of await endpointWarnings(config, process.env).catch(() => [])) log.warn(warning);
}

async function warnOfEvents({ store }: Storage, log: Logger): Promise<void> {
  log.warn('NEPTUNE_OPS_EVENTS_QUEUE_URL is not set: no completion events are sent.');
  const events = await store.count(indexOf.events);
  if (events === 0) return;
  log.warn({ events }, `${events} events of earlier runs are not sent while no queue is configured; they are kept.`);
}

/**
 * Throws an `Error` with all mistakes when the file is broken at the start, so that nothing starts with half a file.
 */
function openSchedules(config: Config, log: Logger): WatchedPlan | undefined {
  const file = config.NEPTUNE_OPS_SCHEDULES_FILE;
  return file === undefined ? undefined : watchPlan(file, config, log);
}
