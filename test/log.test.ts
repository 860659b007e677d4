// The log: readable at a terminal, one object a line elsewhere, a store that is gone in few lines, and errors cut down.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { logTo } from '../src/log.ts';
import { createOutage } from '../src/queue/outage.ts';
import { hide, withoutSecrets } from '../src/redact.ts';
import { built } from './support/built.ts';
import { startChild } from './support/child.ts';
import { soon } from './support/patience.ts';

function memory(format: 'json' | 'text' = 'json') {
  const lines: string[] = [];
  const log = logTo('trace', format, { write: (line) => void lines.push(line) });
  return { log, lines, messages: () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg) };
}

describe('the log', () => {
  it('is text at a terminal: time, level, message, then what it is about', () => {
    const { log, lines } = memory('text');
    log.child({ job: 'j-1' }).warn({ reason: 'not “now”', n: 3, empty: '' }, 'fault\u001B[2J\nforged');
    expect(lines).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d\.\d{3} WARN  fault \[2J forged job=j-1 reason="not “now”" n=3 empty=""\n$/,
      ),
    ]);
    log.error({ err: new Error('broken') }, 'odd');
    expect(lines[1]).toMatch(/ERROR odd\n {4}Error: broken\n {4}at .*log\.test\.ts/);
  });

  it('tells of an error its type, message, code, stack and cause, and nothing else that hangs on it', () => {
    const { log, lines } = memory();
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=x' };
    const cause = Object.assign(new Error('below'), { command: { name: 'auth', args: ['letmein'] } });
    const error = Object.assign(new Error('AWS said no', { cause }), {
      name: 'AccessDenied',
      $response: { headers },
      $request: { headers },
      config: { token: 'letmein' },
      $metadata: { requestId: 'r-1', httpStatusCode: 403, headers },
    });
    log.error(error);
    log.error({ err: error }, 'one');
    log.error({ other: error }, 'two');
    log.child({ err: error }).error('three');
    for (const line of lines) expect(line).not.toMatch(/letmein|AWS4-HMAC/);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      msg: 'one',
      err: {
        type: 'AccessDenied',
        message: 'AWS said no',
        requestId: 'r-1',
        status: 403,
        causedBy: { message: 'below' },
      },
    });
  });

  it.each([
    ['redis://user:pass@host:6379/0', 'redis://…@host:6379/0'],
    ['rediss://:p@ss@host', 'rediss://…@host'],
    ['authorization: Bearer 0123456789ab.c2VjcmV0', 'authorization: Bearer …'],
    [`key 0123456789ab.${'A'.repeat(43)}!`, 'key 0123456789ab.…!'],
    ['x-amz-date:1\nx-amz-security-token:IQoJb3JpZ2lu==\nhost', 'x-amz-date:1\nx-amz-security-token:…\nhost'],
    [`{"sha256":"${'0'.repeat(64)}"}`, '{"sha256":"…"}'],
    ['mail me@example.org at https://example.org/@you', 'mail me@example.org at https://example.org/@you'],
  ])('takes secrets by their shape out of %s', (text, clean) => {
    expect(withoutSecrets(text)).toBe(clean);
  });

  it('takes out what it was told to hide, but nothing so short that it may be a word', () => {
    hide('wJalrXUtnFEMI/K7MDENG', 'stand-in', undefined);
    expect(withoutSecrets('a wJalrXUtnFEMI/K7MDENG, stand-in')).toBe('a …, stand-in');
  });

  it('takes its time for no text', () => {
    const began = performance.now();
    for (const part of ['a.', 'a://', 'Bearer ', 'x-amz-security-token:', '0123456789ab.']) {
      withoutSecrets(part.repeat(100_000 / part.length));
    }
    expect(performance.now() - began).toBeLessThan(soon);
  });
});

describe('a crash', () => {
  it('is one line with what may be told, and ends the process with 1', async () => {
    const child = startChild([built('test/support/crashing-child.ts')], {});
    const { code } = await child.ended();
    const stderr = child.printed();
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'fatal',
      msg: 'crashed',
      err: { message: 'nobody catches this' },
    });
    expect(stderr).not.toContain('letmein');
  });
});

describe('a store that is gone', () => {
  const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

  it('is one line when it goes, one now and then, and one when it is back; other errors are always told', async () => {
    const { log, lines, messages } = memory();
    let gone = true;
    const probe = () => (gone ? Promise.reject(refused()) : Promise.resolve());
    const outage = createOutage({ what: 'Redis', log, probe, lookEvery: 5, sayEvery: 100 });
    for (let met = 0; met < 50; met += 1) outage.met(refused(), { queue: 'default.neptune' }, 'worker');
    expect(messages()).toEqual([expect.stringMatching(/^Redis can’t be reached/)]);
    outage.met(new Error('Missing lock for job 7'), { queue: 'q' }, 'worker');
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ msg: 'worker', reason: 'Missing lock for job 7', queue: 'q' });
    await expect.poll(messages).toContain('Redis still can’t be reached');
    expect(messages().length).toBe(3);
    gone = false;
    await expect.poll(messages).toContain('Redis is back');
    await pause(50);
    expect(lines.filter((line) => line.includes('Redis is back')).length).toBe(1);
    outage.met(refused());
    expect(messages().at(-1)).toMatch(/^Redis can’t be reached/);
    outage.close();
  });
});
