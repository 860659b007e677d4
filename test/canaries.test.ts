// Secrets that can be told apart, everywhere one can come in; then everything that the service wrote is searched for each.
import { rmSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Redis } from 'ioredis';
import { createKey } from '../src/api/auth/api-keys.ts';
import { textOf } from '../src/cli/doctor-command.ts';
import { SettingsError, readConfig } from '../src/config.ts';
import { examineAll } from '../src/doctor/doctor.ts';
import { operations } from '../src/handlers/index.ts';
import { addSamples } from '../emulator/sample.ts';
import { startEmulator } from '../emulator/emulator.ts';
import { logTo } from '../src/log.ts';
import { hideSettings } from '../src/redact.ts';
import { startService } from '../src/service.ts';
import { newDataFolder } from './support/data-folder.ts';
import { hasRedisServer, startRedisServer } from './support/redis-server.ts';
import { wholeFolder, wholeRedis } from './support/whole-store.ts';

const { key, entry } = createKey({
  name: 'everything',
  scopes: ['read', 'cancel', 'events', 'hold', 'schedules', 'metrics', 'operation:*', 'operation:fast-reset'],
  targets: ['*'],
  resources: ['*'],
});
const wrongKey = createKey({ name: 'nobody', scopes: ['read'], targets: ['*'], resources: ['*'] }).key;
const canaries: Record<string, string> = {
  'the API key': key.split('.')[1] ?? '',
  'a wrong API key': wrongKey.split('.')[1] ?? '',
  'the digest of the API key': entry.sha256,
  'the password of Redis': 'canary-redis-password-1',
  'the secret key of AWS': 'canary/aws+secret/access+key/0123456789ab',
  'the session token of AWS': 'canary-aws-session-token-IQoJb3JpZ2luX2VjE==',
  'the password in the queue’s URL': 'canary-queue-url-password',
  'a password in a misspelt setting': 'canary-misspelt-password',
};

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** As AWS repeats the request whose signature it refuses. */
const quoted = `The Canonical String should have been 'POST\n/\n\nhost:rds\nx-amz-security-token:${canaries['the session token of AWS']}\n\nhost' Authorization: AWS4-HMAC-SHA256 Credential=A/2/3/rds/aws4_request, Signature=${'ab'.repeat(32)}`;

async function openStore(kind: 'redis' | 'embedded') {
  if (kind === 'embedded') {
    const folder = await newDataFolder();
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    return { settings: { NEPTUNE_OPS_DATA_DIR: folder }, whole: () => wholeFolder(folder) };
  }
  const server = await startRedisServer();
  closing.push(() => server.stop());
  const owner = new Redis(server.url);
  await owner.config('SET', 'requirepass', canaries['the password of Redis'] ?? '');
  owner.disconnect();
  const url = new URL(server.url);
  url.password = canaries['the password of Redis'] ?? '';
  return { settings: { REDIS_URL: url.href }, whole: () => wholeRedis(url.href) };
}

describe.each(hasRedisServer() ? (['redis', 'embedded'] as const) : (['embedded'] as const))('on %s', (kind) => {
  it('no secret is found in anything that the service wrote', async () => {
    const written: Record<string, string[]> = { log: [], answers: [], settings: [], doctor: [], events: [] };
    const note = (where: string, text: string) => void (written[where] ??= []).push(text);
    const emulator = await startEmulator({ durations: {} });
    closing.push(() => emulator.close());
    await addSamples(emulator.account);
    const store = await openStore(kind);
    const queue = new URL(emulator.createQueue('events'));
    [queue.username, queue.password] = ['user', canaries['the password in the queue’s URL'] ?? ''];
    const environment = {
      ...emulator.env,
      ...store.settings,
      PORT: '0',
      NEPTUNE_OPS_EVENTS_QUEUE_URL: queue.href,
      NEPTUNE_OPS_API_KEYS: JSON.stringify([entry]),
      NEPTUNE_OPS_BOARD: 'on',
      NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'default/dev-1,default/dev-2',
      NEPTUNE_OPS_POLL_MAX_MS: '100',
      NEPTUNE_OPS_SETTLE_MAX_MS: '500',
      NEPTUNE_OPS_RATE_NEPTUNE: '100',
      AWS_SECRET_ACCESS_KEY: canaries['the secret key of AWS'] ?? '',
      AWS_SESSION_TOKEN: canaries['the session token of AWS'] ?? '',
    };
    for (const [name, value] of Object.entries(environment)) if (name.startsWith('AWS_')) vi.stubEnv(name, value);
    const config = readConfig(environment);
    hideSettings(environment);
    const log = logTo('trace', 'json', { write: (line) => note('log', line) });

    const service = await startService(config, 'all', log);
    let up = true;
    const end = async () => up && ((up = false), await service.close());
    closing.push(end);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const ask = async (method: string, path: string, body?: unknown, more: Record<string, string> = {}) => {
      const answer = await fetch(service.url + path, {
        method,
        redirect: 'manual',
        headers: { ...headers, ...more },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      note('answers', `${method} ${answer.status} ${text}`);
      return {
        status: answer.status,
        headers: answer.headers,
        body: (parse(text) ?? {}) as { id?: string; state?: string },
      };
    };
    const run = async (operation: string, input: unknown, more: Record<string, string> = {}) => {
      const { status, body } = await ask('POST', `/v1/operations/${operation}`, input, more);
      expect(status, JSON.stringify(body)).toBe(202);
      return body.id ?? '';
    };
    const ended = async (id: string) => {
      const state = async () => (await ask('GET', `/v1/jobs/${id}`)).body.state ?? '';
      await expect.poll(state).toMatch(/succeeded|failed|cancelled|timed-out/);
    };

    // A key in the wrong place.
    await ask('GET', `/v1/jobs/${key}`);
    await ask('GET', `/${key}?key=${key}`);
    await ask('GET', '/v1/jobs', undefined, { authorization: `Bearer ${wrongKey}` });
    await ask('POST', `/v1/operations/${key}`, {});
    await ask('POST', `/v1/operations/stop-db-cluster?target=${key}`, { dbClusterIdentifier: 'dev-1' });
    await ask('POST', '/v1/operations/stop-db-cluster', { dbClusterIdentifier: key, [key]: key });
    await ask('POST', '/v1/operations/stop-db-cluster', `{"dbClusterIdentifier": ${key}`);
    const pasted = { dbClusterIdentifier: 'dev-2', dbClusterSnapshotIdentifier: 's-1', tags: { key } };
    expect((await ask('POST', '/v1/operations/create-db-cluster-snapshot', pasted)).status).toBe(400);

    // A session of a browser.
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: service.url ?? '' };
    const signedIn = await ask('POST', '/sign-in', `key=${encodeURIComponent(key)}`, form);
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    canaries['the session of a browser'] = cookie.split('=')[1] ?? '';
    expect(canaries['the session of a browser']).toMatch(/\S{20}/);
    const browser = { cookie, authorization: '' };
    await ask('GET', '/board/api/queues?activeQueue=default.neptune', undefined, { cookie });
    await ask('POST', '/v1/operations/stop-db-cluster', { dbClusterIdentifier: 'dev-1' }, browser);

    // Jobs that succeed, with a key for an idempotency key, and a reset with its token.
    await ended(await run('stop-db-cluster', { dbClusterIdentifier: 'reports-1' }, { 'idempotency-key': key }));
    const reset = (id: string) => run('fast-reset', { dbClusterIdentifier: id, confirm: id });
    await ended(await reset('dev-1'));
    // Jobs that fail, by what AWS says, by what AWS repeats of the request, and by an error of ours with headers in it.
    const { switches } = emulator;
    const stop = () => run('stop-db-cluster', { dbClusterIdentifier: 'dev-2' });
    switches.fault(
      { code: 'AccessDenied', message: quoted },
      { api: 'neptune', action: 'DescribeDBClusters', times: 1 },
    );
    await ended(await stop());
    switches.fault({ code: 'SignatureDoesNotMatch', message: quoted }, { api: 'neptune', times: 2 });
    const unsigned = await stop();
    await expect.poll(() => written['log']?.join('').includes('SignatureDoesNotMatch')).toBe(true);
    await ask('POST', `/v1/jobs/${unsigned}/cancel`);
    switches.clear();
    let crashes = 0;
    vi.spyOn(operations['start-db-cluster'], 'prepare').mockImplementation(() => {
      const trouble = {
        headers: { authorization: `Bearer ${key}`, 'x-amz-security-token': environment.AWS_SESSION_TOKEN },
      };
      // As the SDK's errors look, and as ours do.
      const more =
        (crashes += 1) === 1 ? { $response: trouble, $metadata: { httpStatusCode: 200 } } : { request: trouble };
      throw Object.assign(new TypeError(`odd ${quoted}`), { ...more, config: environment, cause: new Error(key) });
    });
    await ended(await run('start-db-cluster', { dbClusterIdentifier: 'staging-1' }));
    switches.fault({ code: 'AccessDeniedException', message: quoted }, { api: 'sqs', times: 1 });
    await ask('POST', '/v1/operations/watch-import-task', { taskIdentifier: 't-fails00001' });
    await expect.poll(() => written['log']?.join('').includes('event not delivered yet')).toBe(true);

    // What can be read of it all.
    await ask('GET', '/v1/jobs?limit=100');
    for (const path of ['/metrics', '/readyz', '/openapi.json']) await ask('GET', path);
    for (const name of ['default.neptune', 'default.neptunedata', 'completion-events']) {
      await ask('GET', `/board/api/queues?activeQueue=${name}&status=latest`, undefined, { cookie });
    }
    for (const text of doctorTexts(
      await examineAll({ environment: { ...environment, NEPTUNE_OPS_URL: `http://user:${key}@127.0.0.1:1` } }),
    ))
      note('doctor', text);
    for (const bad of badSettings()) note('settings', bad);
    const tokens = emulator.journal
      .requests({ action: 'ExecuteFastReset' })
      .flatMap(({ input }) => (typeof input['token'] === 'string' ? [input['token']] : []));
    expect(tokens.length).toBeGreaterThan(0);
    tokens.forEach((token, index) => (canaries[`reset token ${index}`] = token));
    for (const { input } of emulator.journal.requests({ api: 'sqs' })) {
      const { QueueUrl: _where, ...sent } = input;
      note('events', JSON.stringify(sent));
    }
    await end();
    note('store', await store.whole());

    const answers = written['answers']?.join('\n') ?? '';
    for (const seen of [/"name":"default.neptune"/, /^neptune_ops_\w+\{/m, /"internal-error"/, /"AccessDenied"/]) {
      expect(answers).toMatch(seen);
    }
    for (const where of ['log', 'answers', 'settings', 'doctor', 'events', 'store']) {
      const text = written[where]?.join('\n') ?? '';
      expect(text.length, `${where} was looked at`).toBeGreaterThan(200);
    }
    const leaks = Object.entries(canaries).flatMap(([name, secret]) =>
      Object.entries(written).flatMap(([where, texts]) => {
        const found = texts.find((text) => text.includes(secret) || text.includes(encodeURIComponent(secret)));
        return found === undefined ? [] : [`${name} is in the ${where}: ${around(found, secret)}`];
      }),
    );
    expect(leaks).toEqual([]);
  });
});

function doctorTexts(findings: Awaited<ReturnType<typeof examineAll>>): string[] {
  return [textOf(findings), JSON.stringify(findings)];
}

function* badSettings(): Generator<string> {
  const misspelt = canaries['a password in a misspelt setting'];
  const url = `redis://user:${misspelt}@host:6379`;
  for (const bad of [
    { REDIS_URL: `redsi://user:${misspelt}@host`, NEPTUNE_OPS_EVENTS_QUEUE_URL: `//user:${misspelt}@sqs` },
    { REDIS_URL_FILE: url, NEPTUNE_OPS_API_KEYS_FILE: '/none', HOST: `https://user:${misspelt}@0.0.0.0`, PORT: key },
    { AWS_ENDPOINT_URL_SQS: `user:${key}`, NEPTUNE_OPS_TARGETS: `prod=${url}`, NEPTUNE_OPS_RESETTABLE_CLUSTERS: key },
  ]) {
    try {
      readConfig(bad);
    } catch (error) {
      expect(error).toBeInstanceOf(SettingsError);
      yield (error as SettingsError).message;
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function around(text: string, secret: string): string {
  const at = text.indexOf(secret);
  return text.slice(Math.max(0, at - 120), at + 20);
}
