// What people give as a reason, over every way in: it is stored and shown, so it must hold no secret.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/api/auth/api-keys.ts';
import { holds } from '../../src/queue/hold.ts';
import { readKeepOns, readPauses } from '../../src/schedules/exceptions.ts';
import { runCommands } from '../support/command.ts';
import { type ScheduledPlace, openScheduled } from './schedules/scheduled.ts';

const { key } = createKey({ name: 'x', scopes: ['read'], targets: ['*'], resources: ['*'] });
const secret = key.split('.')[1] ?? '';
const until = '2026-11-18T22:00:00Z';
const resource = 'default/db-cluster/dev-1';
const secrets = [
  ['an API key', `it is ${key} for now`],
  ['a password in an address', `see redis://admin:${secret}@cache:6379`],
  ['what goes into a header', `curl -H 'Authorization: Bearer ${secret}'`],
] as const;
const ways = [
  ['a hold', '/v1/hold', {}],
  ['a pause', '/v1/schedules/office-hours/pause', {}],
  ['keeping on', '/v1/keep-on', { resource, until }],
  ['skipping a stop', '/v1/keep-on', { resource, skipNextStop: true }],
] as const;

describe('a reason', () => {
  let place: ScheduledPlace;
  let url: string;
  beforeAll(async () => {
    place = await openScheduled();
    url = await place.door.server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => place.close());
  const stored = async () => {
    const { store } = place.storage;
    return [...(await holds(store)), ...(await readPauses(store)).values(), ...(await readKeepOns(store)).values()];
  };

  describe.each(ways)('for %s', (_way, path, more) => {
    it('that turns the direction of the text, or can not be seen, is refused', async () => {
      for (const reason of ['paid \u202e05$', 'a\u2066b', 'a\u200bb', 'a\u2028b']) {
        const answer = await place.door.ask('PUT', path, { payload: { ...more, reason } });
        expect(answer.statusCode).toBe(400);
        expect(answer.json()).toMatchObject({
          errors: [{ path: 'reason', rule: expect.stringContaining('direction') }],
        });
      }
    });

    it.each(secrets)('that holds %s is refused, not stored and not repeated', async (_what, reason) => {
      const answer = await place.door.ask('PUT', path, { payload: { ...more, reason } });
      expect(answer.statusCode).toBe(400);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.json()).toMatchObject({
        code: 'invalid-request',
        errors: [{ path: 'reason', rule: expect.stringContaining('an API key or a password') }],
      });
      expect(answer.body).not.toContain(secret);
      expect(await stored()).toEqual([]);
    });
  });

  it('that holds one is refused to the commands too, which say why', async () => {
    const reason = ['--reason', `it is ${key}`];
    const ended = await runCommands(
      [
        ['hold', 'on', ...reason],
        ['schedules', 'pause', 'office-hours', ...reason],
        ['keep-on', resource, '--until', '3h', ...reason],
        ['keep-on', resource, '--skip-next-stop', ...reason],
      ],
      { env: { NEPTUNE_OPS_URL: url } },
    );
    expect(ended).toHaveLength(4);
    for (const { code, stdout, stderr } of ended) {
      expect(code).toBe(4);
      expect(stderr.replace(/\s+/g, ' ')).toContain('reason: holds what looks like an API key or a password');
      expect(stdout + stderr).not.toContain(secret);
    }
    expect(await stored()).toEqual([]);
  });

  it('that only speaks of such things is taken', async () => {
    for (const [, path, more] of ways) {
      const reason = 'the password of ana@example.com is reset, see https://wiki.example/keys';
      const answer = await place.door.ask('PUT', path, { payload: { ...more, reason } });
      expect(answer.statusCode, `${path} ${answer.body}`).toBe(200);
    }
    expect(await stored()).toHaveLength(3);
  });
});
