// One variant of `observability.ts`: a whole service in its own process, because tracing is on or off for a whole
// process. Its settings are the service's own. On `begin` it notes its CPU; on a number it answers once so many more
// jobs have ended.
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { startApiServer } from '../src/api/server.ts';
import type { Aws } from '../src/aws/clients.ts';
import { readConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { serviceMetrics } from '../src/metrics/service-metrics.ts';
import { openStorage } from '../src/queue/storage.ts';
import { indexOf } from '../src/records/job.ts';
import { startTracing } from '../src/tracing/start.ts';
import { isTracing } from '../src/tracing/trace.ts';
import { createDryRun } from '../src/workers/dry-run.ts';
import { awsClients, startWorkers, createDependencies } from '../src/workers/start.ts';

/** The answer after a round: milliseconds of CPU per job, and per scrape if metrics are on. */
export interface Round {
  readonly job: number;
  readonly scrape?: number;
}

/** As long as spans may wait for their batch (OTEL_BSP_SCHEDULE_DELAY) and for sending; milliseconds. */
const untilSpansAreSent = 300;

const config = readConfig(process.env);
const log = createLog(config.NEPTUNE_OPS_LOG_LEVEL, 'json');
await startTracing(process.env, log);
const opened = await openStorage({ redisUrl: config.REDIS_URL, dataDir: config.NEPTUNE_OPS_DATA_DIR, log });
const metrics = config.NEPTUNE_OPS_METRICS === 'on' ? serviceMetrics(config, 'all', opened) : undefined;
const storage = metrics?.storage ?? opened;
const clients = awsClients(config, metrics);
for (const aws of clients.values()) answerAllStopped(aws);
const deps = createDependencies(config, storage, clients, log, metrics);
await startWorkers(config, storage, deps, metrics);
const { url } = await startApiServer(config, storage, log, createDryRun(deps), undefined, metrics);

let before = process.cpuUsage();
let ended = 0;
process.on('message', (told: 'begin' | number) => void play(told).then((answer) => process.send?.(answer)));
process.once('disconnect', () => process.exit(0));
process.send?.(url);

async function play(told: 'begin' | number): Promise<Round | 'begun'> {
  if (told === 'begin') {
    before = process.cpuUsage();
    return 'begun';
  }
  ended += told;
  while ((await opened.store.count(indexOf.state('succeeded'))) < ended) await pause(20);
  if (isTracing()) await pause(untilSpansAreSent);
  const job = cpuSince(before) / told;
  if (metrics === undefined) return { job };
  const beforeScrape = process.cpuUsage();
  await metrics.scrape();
  return { job, scrape: cpuSince(beforeScrape) };
}

function cpuSince(then: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(then);
  return (user + system) / 1_000;
}

/** Replaces AWS in this process at almost no cost: every resource is stopped. */
function answerAllStopped(aws: Aws): void {
  aws.neptune.config.requestHandler.handle = (async ({ body }: { body: string }) => {
    const id = /DBClusterIdentifier=([^&]*)/.exec(body)?.[1] ?? '';
    const cluster = `<DBCluster><DBClusterIdentifier>${id}</DBClusterIdentifier><Status>stopped</Status><Engine>neptune</Engine></DBCluster>`;
    const answer = `<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters>${cluster}</DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>`;
    return {
      response: {
        statusCode: 200,
        headers: { 'content-type': 'text/xml' },
        body: Readable.from([Buffer.from(answer)]),
      },
    };
  }) as never;
}
