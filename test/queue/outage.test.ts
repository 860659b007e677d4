// A whole service whose Redis goes away: how much it says about that.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { startEmulatorProcess } from '../support/emulator-process.ts';
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts';
import { ask, startServiceProcess } from '../support/service-process.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

describe.skipIf(!hasRedisServer())('a service with three targets', () => {
  it('says in one line that Redis is gone, and in one that it is back, and works again', async () => {
    const [emulator, redis] = await Promise.all([startEmulatorProcess(), startRedisServer({ appendonly: true })]);
    closing.push(
      () => emulator.close(),
      () => redis.stop(),
    );
    const service = startServiceProcess({
      ...emulator.env,
      REDIS_URL: redis.url,
      PORT: '0',
      NEPTUNE_OPS_TARGETS: 'two=us-east-1; three=us-west-2',
      NEPTUNE_OPS_EVENTS_QUEUE_URL: await emulator.createQueue('events'),
      NEPTUNE_OPS_POLL_MAX_MS: '300',
    });
    closing.push(() => service.end('SIGKILL'));
    const url = await service.started();
    const stop = { dbClusterIdentifier: 'dev-1' };
    const { body } = await ask(url, 'POST', '/v1/operations/stop-db-cluster', stop);
    const before = service.log().length;
    await redis.kill();
    await pause(5_000);
    await redis.restart();
    await expect.poll(service.log).toContain('Redis is back');
    const event = async () => (await ask(url, 'GET', `/v1/jobs/${String(body['id'])}`)).body['event'];
    await expect.poll(event).toBe('sent');
    const lines = service.log().slice(before).trimEnd().split('\n');
    const about = lines.map((line) => JSON.parse(line) as { level: string; msg: string; errors?: number });
    expect(about.filter(({ msg }) => msg.includes('Redis can’t be reached')).length).toBe(1);
    expect(about.filter(({ msg }) => msg === 'Redis is back').length).toBe(1);
    const rest = about.filter(({ level, msg }) => level !== 'info' && !msg.includes('Redis can’t be reached'));
    expect(rest.length, lines.join('\n')).toBeLessThanOrEqual(3);
    // Lines of the job say whose they are.
    const ended = lines.find((line) => line.includes('"job ended"'));
    expect(JSON.parse(ended ?? '{}')).toMatchObject({
      job: body['id'],
      operation: 'stop-db-cluster',
      resource: 'default/db-cluster/dev-1',
      state: 'succeeded',
    });
  });
});
