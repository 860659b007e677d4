// The commands about schedules, as scripts use them: with a service that carries schedules out, and with a file alone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { KeepOnAnswer, ResourceAnswer, SchedulesAnswer } from '../../src/api/schedules/schedule-answer.ts';
import type { SavingsAnswer } from '../../src/api/schedules/savings-answer.ts';
import { parseTime } from '../../src/cli/parse-time.ts';
import { runCommand, runCommands } from '../support/command.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-schedules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const words = (line: string): string[] => line.split(' ');
const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const good = write(
  'schedules.yaml',
  `version: 1
timeZone: Europe/Berlin
schedules:
  always-on:
    running: always
    applies: [{ clusters: [reports-1] }]
  office-hours:
    description: Development sleeps at night
    running: { days: mon-fri, from: "07:00", to: "19:00" }
    applies: [{ clusters: ["dev-*"], graphs: ["*"] }]
  snapshots:
    cron: "30 2 * * *"
    operation: create-graph-snapshot
    input: { snapshotName: "nightly-{date}" }
    applies: [{ graphs: [g-sample0001] }]
prices:
  currency: USD
  instances: { db.r6g.large: 0.3287 }
`,
);
const bad = write(
  'bad.yaml',
  `version: 1
timeZone: Europe/Berln
schedules:
  nights:
    running: { days: mon-fri, from: 7am, to: "19:00" }
    applies: [{ clusters: [dev-1] }]
  elsewhere:
    running: never
    applies: [{ clusters: [dev-1], target: prod }]
`,
);

describe('the commands of schedules, asking a real service', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startRunningService({ NEPTUNE_OPS_SCHEDULES_FILE: good, NEPTUNE_OPS_SCHEDULES_TICK_MS: '500' });
    const looked = async () => {
      const answer = await fetch(`${service.url}/v1/scheduled-resources`);
      return ((await answer.json()) as { resources: ResourceAnswer[] }).resources.length;
    };
    await vi.waitFor(async () => expect(await looked()).toBeGreaterThan(3), { timeout: 150_000, interval: 200 });
  });
  afterAll(() => service?.close());
  const env = () => ({ env: { NEPTUNE_OPS_URL: service.url, TZ: 'Europe/Berlin' } });
  const runAll = (...lines: readonly (readonly string[])[]) => runCommands(lines, env());
  const json = <Answer>(ended: { stdout: string } | undefined) => JSON.parse(ended?.stdout ?? '') as Answer;

  it('list and show schedules, with their resources and why', async () => {
    const [list, listJson, show, none] = await runAll(
      words('schedules list'),
      words('schedules list --json'),
      words('schedules show office-hours'),
      words('schedules show nights'),
    );
    expect(list).toMatchObject({ code: 0 });
    expect(list?.stdout).toMatch(/^office-hours\n {2}mon-fri 07:00–19:00, Europe\/Berlin;/m);
    expect(json<SchedulesAnswer>(listJson).schedules.map(({ name }) => name)).toEqual([
      'always-on',
      'office-hours',
      'snapshots',
    ]);
    expect(show?.stdout).toMatch(/^default\/db-cluster\/dev-1$/m);
    expect(show?.stdout).toMatch(/should be (running|stopped): office-hours\s+says/);
    expect(none).toMatchObject({ code: 4 });
    expect(none?.stderr).toContain('schedule-not-found');
    expect(none?.stderr).toContain('neptune-ops schedules list');
    for (const { stdout } of [list, show].flatMap((each) => each ?? [])) {
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it('come from a service whose page is there too, as it is built', async () => {
    const page = await fetch(`${service.url}/schedules`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('default/db-cluster/dev-1');
    expect((await fetch(`${service.url}/schedules.css`)).headers.get('content-type')).toContain('text/css');
  });

  it('pause a schedule and resume it', async () => {
    const [paused, listed, resumed, again] = await runAll(
      ['schedules', 'pause', 'office-hours', '--reason', 'release weekend', '--until', '3h'],
      words('schedules list'),
      words('schedules resume office-hours'),
      words('schedules resume office-hours'),
    );
    expect(paused?.stdout).toMatch(
      /paused until .* \(Europe\/Berlin\),\s+by\s+anybody\s+on\s+loopback:\s+release\s+weekend/,
    );
    expect(listed?.stdout).toContain('release weekend');
    expect(resumed).toMatchObject({ code: 0, stdout: 'office-hours goes on.\n' });
    expect(again).toMatchObject({ code: 4 });
  });

  it('keep a resource on by its identifier, say until when absolutely, and end it', async () => {
    const [kept, listed, skipped, ended, none, missing] = await runAll(
      ['keep-on', 'dev-1', '--until', '22:00', '--reason', 'load test'],
      words('keep-on --json'),
      ['keep-on', 'g-sample0001', '--skip-next-stop', '--reason', 'release night', '--json'],
      words('keep-on dev-1 --end'),
      words('keep-on dev-1 --end'),
      ['keep-on', 'dev-9', '--until', '3h', '--reason', 'x'],
    );
    expect(kept).toMatchObject({ code: 0 });
    expect(kept?.stdout.replace(/\s+/g, ' ')).toMatch(
      /^default\/db-cluster\/dev-1 is kept on until \w{3} \d{4}-\d\d-\d\d 22:00 \(Europe\/Berlin\), by anybody on loopback: load test/,
    );
    expect(json<{ keepOns: KeepOnAnswer[] }>(listed).keepOns).toMatchObject([{ resource: 'default/db-cluster/dev-1' }]);
    const skip = json<KeepOnAnswer>(skipped);
    expect(Date.parse(skip.from)).toBeGreaterThan(Date.now());
    expect(skip.until > skip.from).toBe(true);
    expect(ended).toMatchObject({ code: 0 });
    expect(none).toMatchObject({ code: 4 });
    expect(none?.stderr).toContain('not-kept-on');
    expect(missing).toMatchObject({ code: 64 });
    expect(missing?.stderr).toContain('No schedule means dev-9');
  });

  it('tell what was saved, for people and for a spreadsheet', async () => {
    const [shown, csv, asJson] = await runAll(words('savings'), words('savings --csv'), words('savings --json'));
    expect(shown?.stdout).toMatch(/^asleep +\d+\.\d h of \d+\.\d h$/m);
    expect(csv?.stdout.split('\r\n')[0]).toMatch(/^resource,name,schedule/);
    expect(json<SavingsAnswer>(asJson)).toMatchObject({ currency: 'USD' });
  });

  it('look ahead by the schedule’s own clock', async () => {
    const [spans, fires] = await runAll(
      words('schedules preview office-hours --days 8'),
      words('schedules preview snapshots --days 3'),
    );
    expect(spans?.stderr).toBe('By the clock of Europe/Berlin:\n');
    expect(spans?.stdout).toMatch(/^\w{3} \d{4}-\d\d-\d\d 07:00 {2}\w{3} \d{4}-\d\d-\d\d 19:00 {2}12 h {13}running$/m);
    expect(fires?.stdout).toMatch(/^(\w{3} \d{4}-\d\d-\d\d 02:30\n){3}$/);
  });
});

describe('the commands of schedules, by themselves', () => {
  it('check a file without a service: line, column and what to do, and 1 on errors', async () => {
    const [right, wrong, wrongJson, unknown, gone] = await runCommands([
      ['schedules', 'check', good],
      ['schedules', 'check', bad],
      ['schedules', 'check', bad, '--json'],
      ['schedules', 'check', bad, '--target', 'staging'],
      ['schedules', 'check', join(folder, 'gone.yaml')],
    ]);
    expect(right).toMatchObject({ code: 0, stdout: '' });
    expect(right?.stderr).toContain('can be used');
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong?.stdout).toContain(`${bad}:2:11: error: timeZone: There is no time zone “Europe/Berln”. Did you mean`);
    expect(wrong?.stdout).toMatch(/bad\.yaml:5:37: error: schedules\.nights\.running\.from: /);
    expect(wrong?.stdout).not.toContain('prod');
    expect(unknown?.stdout).toMatch(/error: schedules\.elsewhere\.applies\[0\]\.target: There is no target “prod”/);
    expect(wrongJson).toMatchObject({ code: 1 });
    expect(JSON.parse(wrongJson?.stdout ?? '')).toMatchObject({ findings: [{ level: 'error', line: 2 }, { line: 5 }] });
    expect(gone).toMatchObject({ code: 64 });
  });

  it('look ahead by a file without a service', async () => {
    const [ahead, none, broken] = await runCommands([
      words(`schedules preview office-hours --file ${good} --days 7 --json`),
      words(`schedules preview nights --file ${good}`),
      words(`schedules preview nights --file ${bad}`),
    ]);
    const spans = (JSON.parse(ahead?.stdout ?? '') as { spans: { running: boolean }[] }).spans;
    expect(spans.filter(({ running }) => running).length).toBeGreaterThanOrEqual(5);
    expect(none).toMatchObject({ code: 64 });
    expect(none?.stderr).toContain('It has: always-on, office-hours, snapshots');
    expect(broken).toMatchObject({ code: 64 });
  });

  const wrong = [
    ['keep-on dev-1 --reason x', /one of --until/],
    ['keep-on dev-1 --until 3h', /--reason/],
    ['keep-on dev-1 --until 3h --skip-next-stop --reason x', /one of --until/],
    ['keep-on dev-1 --until noon --reason x', /22:00/],
    ['keep-on --until 3h', /which resource/],
    ['savings --csv --json', /one of --csv/],
    ['schedules pause office-hours', /--reason/],
    ['schedules preview office-hours --days 500', /1 to 400/],
  ] as const;
  it('end with 64 on wrong usage', async () => {
    const ended = await runCommands(wrong.map(([line]) => words(line)));
    for (const [index, [line, says]] of wrong.entries()) {
      expect(ended[index]?.code, line).toBe(64);
      expect(ended[index]?.stderr, line).toMatch(says);
      expect(ended[index]?.stdout, line).toBe('');
    }
  });

  it('end with 1 where the service is to start with a broken file, and say all that is wrong', async () => {
    const { code, stderr } = await runCommand(['start'], {
      env: { AWS_REGION: 'eu-west-1', NEPTUNE_OPS_SCHEDULES_FILE: bad, NEPTUNE_OPS_DATA_DIR: join(folder, 'data') },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('bad.yaml:2:11: error');
    expect(stderr).toContain('bad.yaml:5:37: error');
    expect(stderr).toContain('There is no target “prod”');
  });
});

describe('a time at a terminal', () => {
  const now = Date.parse('2026-11-18T12:00:00Z');
  const local = (text: string) => new Date(text).getTime();

  it('is a clock time, the next one of this zone', () => {
    const [at, tomorrow] = [new Date(now), new Date(now)];
    at.setHours(at.getHours() + 1, 30, 0, 0);
    tomorrow.setDate(tomorrow.getDate() + 1);
    tomorrow.setHours(new Date(now).getHours() - 1, 0, 0, 0);
    expect(parseTime(`${at.getHours()}:30`, '--until', now)).toBe(at.getTime());
    expect(parseTime(`${tomorrow.getHours()}:00`, '--until', now)).toBe(tomorrow.getTime());
  });

  it('is a span, or an instant with or without a zone', () => {
    expect(parseTime('3h', '--until', now)).toBe(now + 3 * 3_600_000);
    expect(parseTime('90m', '--until', now)).toBe(now + 90 * 60_000);
    expect(parseTime('1h30m', '--until', now)).toBe(now + 90 * 60_000);
    expect(parseTime('2026-12-12T22:00Z', '--until', now)).toBe(Date.parse('2026-12-12T22:00:00Z'));
    expect(parseTime('2026-12-12 22:00', '--until', now)).toBe(local('2026-12-12T22:00'));
    for (const text of ['', '25:00', '3', 'h', 'm', '2026-12-12', 'soon', '-3h', '2026-13-12T22:00Z']) {
      expect(() => parseTime(text, '--until', now), text).toThrow('--until is a time');
    }
  });
});
