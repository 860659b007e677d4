// The database engine of a cluster: its status, fast reset and running work. It knows nothing of HTTP.
import { randomUUID } from 'node:crypto';
import type { Cluster, ClusterSettings } from './clusters.ts';
import { type Instance, restart } from './instances.ts';
import { refusal } from '../refusal.ts';

/** `Fri Nov 20 10:00:00 UTC 2026`, the engine's format of its start time, in whole seconds. */
function formatEngineTime(ms: number): string {
  const [weekday, day, month, year, time] = new Date(ms).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}

/** GetEngineStatus of one instance, as of a time. */
export function describeEngine(cluster: Cluster, instance: Instance, time: number): Record<string, unknown> {
  const process = instance.process.at(time);
  return {
    status: 'healthy',
    startTime: process?.up ? formatEngineTime(process.startedAt) : undefined,
    dbEngineVersion: `${cluster.engineVersion}.R1`,
    role: cluster.writer.at(time) === instance.identifier ? 'writer' : 'reader',
    dfeQueryEngine: 'viaQueryHint',
    gremlin: { version: 'tinkerpop-3.7.1' },
    sparql: { version: 'sparql-1.1' },
    opencypher: { version: 'Neptune-9.0.20190305-1.0' },
    labMode: { ObjectIndex: 'disabled', ReadWriteConflictDetection: 'enabled' },
    rollingBackTrxCount: 0,
    features: {
      SlowQueryLogs: 'disabled',
      ResultCache: { status: 'disabled' },
      IAMAuthentication: cluster.iam ? 'enabled' : 'disabled',
    },
    settings: { StrictTimeoutValidation: 'true', clusterQueryTimeoutInMs: '120000' },
  };
}

/** Issues a reset token. Older ones become invalid. */
export function initiateReset(setting: ClusterSettings, cluster: Cluster): string {
  const writer = cluster.writer.now;
  const process = cluster.instances.find((instance) => instance.identifier === writer)?.process.now;
  const value = randomUUID();
  cluster.token = { value, issuedAt: setting.clock.now(), writer, startedAt: process?.up ? process.startedAt : 0 };
  return value;
}

/** Empties the database if the token is valid. It answers at once; the instances restart a moment later. */
export function performReset(setting: ClusterSettings, cluster: Cluster, token: string): void {
  if (!isValidToken(setting, cluster, token)) {
    throw refusal(
      'neptunedata',
      'InvalidParameterException',
      `System command parameter 'token' : '${token}' does not match database reset token`,
    );
  }
  const { clock, durations } = setting;
  const { resetDelayMs, resetRestartMs, resetStaggerMs } = durations;
  const restartsAt = clock.now() + resetDelayMs;
  cluster.token = undefined;
  cluster.instances.forEach((instance, i) => {
    restart(clock, instance, resetDelayMs + i * resetStaggerMs, resetRestartMs);
  });
  cluster.data.run([{ to: 0 }], restartsAt);
  const next = cluster.instances.find((instance) => instance.identifier !== cluster.writer.now);
  if (cluster.failsOverOnReset && next) cluster.writer.run([{ to: next.identifier }], restartsAt);
}

/** Whether it is the newest token, not too old, and issued by the writer's present process. */
function isValidToken(setting: ClusterSettings, cluster: Cluster, token: string): boolean {
  const known = cluster.token;
  if (known === undefined || known.value !== token) return false;
  if (setting.clock.now() - known.issuedAt > setting.durations.resetTokenMs) return false;
  const process = cluster.instances.find((instance) => instance.identifier === known.writer)?.process.now;
  return cluster.writer.now === known.writer && process?.up === true && process.startedAt === known.startedAt;
}
