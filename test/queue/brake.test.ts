// A store that refuses a worker its next job: how often it is asked again.
import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { brake } from '../../src/queue/brake.ts';
import { openStorage } from '../../src/queue/storage.ts';
import { workerSettings } from '../../src/workers/operation-worker.ts';
import { patience } from '../support/patience.ts';
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts';
import { silent } from '../support/storages.ts';

/** A worker whose store refuses or not, by `isFull`. */
function fakeWorker() {
  const worker = Object.assign(new EventEmitter(), { isFull: true });
  const ask = () => (worker.isFull ? Promise.reject(new Error('OOM')) : Promise.resolve([]));
  const backend = { moveToActive: ask, waitForJob: ask } as unknown as ReturnType<Worker['getBackend']>;
  return Object.assign(worker, { getBackend: () => backend }) as typeof worker & Pick<Worker, 'getBackend' | 'once'>;
}

describe('a worker that is refused its next job', () => {
  it('waits longer after each refusal, up to two seconds, and no more once it is given one', async () => {
    const waits: number[] = [];
    const worker = brake(fakeWorker(), async (milliseconds) => void waits.push(milliseconds));
    const ask = () => worker.getBackend().moveToActive('token');
    for (let asked = 0; asked < 7; asked += 1) await expect(ask()).rejects.toThrow('OOM');
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    worker.isFull = false;
    await ask();
    worker.isFull = true;
    await expect(ask()).rejects.toThrow('OOM');
    expect(waits.at(-1)).toBe(100);
    await expect(worker.getBackend().waitForJob(5)).rejects.toThrow('OOM');
    expect(waits).toHaveLength(9);
  });

  it('is not kept from closing', async () => {
    const worker = brake(
      fakeWorker(),
      (_milliseconds, isOver) => new Promise((go) => isOver.addEventListener('abort', go)),
    );
    const refused = worker.getBackend().moveToActive('token');
    setImmediate(() => worker.emit('closing'));
    await expect(refused).rejects.toThrow('OOM');
  });
});

describe.runIf(hasRedisServer())('workers on a Redis', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  it.each([
    ['whose memory is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['that is a replica now', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    [
      'with too few replicas',
      ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
      ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
    ],
    ['that forbids them to write', ['ACL', 'SETUSER', 'default', '-@write'], ['ACL', 'SETUSER', 'default', '+@write']],
  ] as const)('%s ask it a few times a second, and go on once it is over', async (_what, on, off) => {
    const server = await startRedisServer();
    closing.push(() => server.stop());
    const storage = await openStorage({ redisUrl: server.url, redisTimeoutMs: patience, dataDir: '', log: silent });
    closing.push(() => storage.close());
    const admin = new Redis(server.url);
    closing.push(() => admin.disconnect());
    const names = ['one', 'two', 'three'];
    for (const name of names) for (let job = 0; job < 12; job += 1) await storage.queue(name).add(`${name} ${job}`, {});
    await admin.call(on[0], ...on.slice(1));
    const done = new Set<string>();
    const workers = names.map((each) =>
      storage.worker(each, async ({ name }) => void done.add(name), workerSettings(5)),
    );
    for (const worker of workers) {
      worker.on('error', () => undefined);
      closing.push(() => worker.close());
    }
    const counted = async () => Number(/total_commands_processed:(\d+)/.exec(await admin.info('stats'))?.[1]);
    const refused = async () => Number(/total_error_replies:(\d+)/.exec(await admin.info('stats'))?.[1]);
    const before = [await counted(), await refused()] as const;
    await pause(3_000);
    // Those of scripts count as well. Without a brake there are more than ten thousand a second.
    expect((await counted()) - before[0]).toBeLessThan(2_500);
    expect((await refused()) - before[1]).toBeGreaterThan(0);
    expect(done.size).toBe(0);
    await admin.call(off[0], ...off.slice(1));
    await expect.poll(() => done.size).toBe(36);
  });
});
