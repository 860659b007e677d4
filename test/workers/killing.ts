// The whole service, with BullMQ, killed at a moment and started again on what it left behind. What is killed must be a process:
// a crash inside one is crash.test.ts.
import { rmSync } from 'node:fs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStorage } from '../../src/queue/storage.ts';
import { type JobRecord, indexOf, keyOf } from '../../src/records/job.ts';
import { built } from '../support/built.ts';
import { type Child, startChild } from '../support/child.ts';
import { newDataFolder } from '../support/data-folder.ts';
import { type EmulatorProcess, startEmulatorProcess } from '../support/emulator-process.ts';
import type { Moment } from '../support/killed-service.ts';
import { patience } from '../support/patience.ts';
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts';
import type { AnyJob } from '../support/jobs.ts';

const durations = { stopMs: 300, resetDelayMs: 50, resetRestartMs: 300 };
const script = built('test/support/killed-service.ts');
const silent = pino({ level: 'silent' });

type Kill = readonly [store: 'redis' | 'embedded', operation: 'stop-db-cluster' | 'fast-reset', moment: Moment];

/** Tests of a service that is killed, one for each. */
export function describeKills(kills: readonly Kill[]): void {
  describe('a service that is killed', () => {
    let emulator: EmulatorProcess;
    const children = new Set<Child>();
    beforeAll(async () => {
      emulator = await startEmulatorProcess();
      await emulator.setDurations(durations);
    });
    afterAll(async () => {
      for (const child of children) child.kill('SIGKILL');
      await emulator.close();
    });

    function start(settings: Readonly<Record<string, string>>): Child {
      const child = startChild([script], { ...emulator.env, ...settings });
      children.add(child);
      return child;
    }

    const bodies = async (id: string): Promise<string[]> =>
      (await emulator.requests({ api: 'sqs', outcome: 200 }))
        .map(({ input }) => String(input['MessageBody']))
        .filter((body) => body.includes(`db-cluster/${id}"`));

    it.concurrent.each(kills.filter(([store]) => store === 'embedded' || hasRedisServer()))(
      '%s: %s killed at its %s ends as it should, announced under one id',
      async (kind, operation, moment) => {
        const id = `${kind}-${operation}-${moment}`;
        await emulator.addCluster({ identifier: id, data: 5 });
        const server = kind === 'redis' ? await startRedisServer() : undefined;
        const folder = server ? '' : await newDataFolder();
        const store = server ? { REDIS_URL: server.url } : { NEPTUNE_OPS_DATA_DIR: folder };
        const confirm = operation === 'fast-reset' ? { confirm: id } : {};
        const settings = {
          ...store,
          PORT: '0',
          NEPTUNE_OPS_REDIS_TIMEOUT_MS: String(patience),
          NEPTUNE_OPS_EVENTS_QUEUE_URL: await emulator.createQueue(id),
          NEPTUNE_OPS_RESETTABLE_CLUSTERS: `default/${id}`,
          NEPTUNE_OPS_POLL_MAX_MS: '200',
          NEPTUNE_OPS_SETTLE_MAX_MS: '3000',
          REQUEST: JSON.stringify({ operation, input: { dbClusterIdentifier: id, ...confirm } }),
        };
        const first = start({ ...settings, KILL_AT: moment });
        const { signal } = await first.ended(/"msg":"event sent"/);
        expect(signal, first.printed()).toBe('SIGKILL');
        const announcedBefore = (await bodies(id)).length;
        expect(announcedBefore).toBe(moment === 'event' ? 1 : 0);

        const second = start(settings);
        await second.until('the event', (printed) => printed.includes('"msg":"event sent"') || undefined);
        await second.end('SIGKILL');

        const isNone = operation === 'fast-reset' && (moment === 'intent' || moment === 'request');
        const kindOfEffect = operation === 'fast-reset' ? 'reset' : 'stop-db-cluster';
        expect(await emulator.effects(kindOfEffect, `db-cluster/${id}`)).toHaveLength(isNone ? 0 : 1);
        const [body = '{}', ...repeats] = await bodies(id);
        for (const repeat of repeats) expect(repeat).toBe(body);
        const storage = await openStorage({
          redisUrl: server?.url,
          redisTimeoutMs: patience,
          dataDir: folder,
          log: silent,
        });
        const { records } = await storage.store.page<JobRecord>(indexOf.jobs, { order: 'newest', limit: 10 });
        const jobs = records.map(({ value }) => value);
        expect(jobs).toHaveLength(1);
        const [job] = jobs as readonly AnyJob[] as [AnyJob];
        expect((JSON.parse(body) as { id: string }).id).toBe(job.id);
        expect(job).toMatchObject({ event: 'sent', phase: 'over' });
        expect(job.outcome).toMatchObject(
          isNone ? { state: 'failed', code: 'reset-not-confirmed' } : { state: 'succeeded', changed: true },
        );
        const left = await storage.store.read([keyOf.turn(job.resource), keyOf.request(job.request)]);
        expect(left.records).toEqual([undefined, undefined]);
        expect(await storage.store.count(indexOf.due)).toBe(0);
        await storage.close();
        await server?.stop();
        if (folder !== '') rmSync(folder, { recursive: true, force: true });
      },
    );
  });
}
