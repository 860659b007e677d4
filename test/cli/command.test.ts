// The command as scripts use it: its exit codes, and what it prints where. What it is asked must come from a real service.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiKey, fixedKeys } from '../../src/api/auth/api-keys.ts';
import { createProgram } from '../../src/cli/program.ts';
import type { Job } from '../../src/index.ts';
import { type Ended, runCommand, runCommands } from '../support/command.ts';
import { version } from '../../src/version.ts';
import { patience } from '../support/patience.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const words = (line: string): string[] => line.split(' ');

describe('the command, asking a real service', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startRunningService();
  });
  afterAll(() => service?.close());
  const run = (line: string, more: Parameters<typeof runCommand>[1] = {}) =>
    runCommand(words(line), { env: { NEPTUNE_OPS_URL: service.url }, ...more });
  const runAll = (lines: readonly (readonly string[])[]) =>
    runCommands(lines, { env: { NEPTUNE_OPS_URL: service.url } });

  it('ends with 0 once a job is accepted, and prints it', async () => {
    const { code, stdout } = await run('stop-db-cluster --db-cluster-identifier dev-2 --json');
    expect(code).toBe(0);
    const job = JSON.parse(stdout) as Job;
    expect(job).toMatchObject({ operation: 'stop-db-cluster', resource: 'default/db-cluster/dev-2' });
    const [shown, listed] = await runAll([
      ['jobs', 'show', job.id],
      words('jobs list --operation stop-db-cluster --limit 1 --json'),
    ]);
    expect(shown).toMatchObject({ code: 0 });
    expect(shown?.stdout).toContain('"dbClusterIdentifier": "dev-2"');
    expect(JSON.parse(listed?.stdout ?? '')).toMatchObject({
      jobs: [{ id: job.id }],
      nextCursor: expect.anything() as string,
    });
  });

  it('waits with a plain line for each change, and ends with 0 when the job succeeded', async () => {
    const { code, stdout, stderr } = await run('stop-db-cluster --db-cluster-identifier reports-1 --wait');
    expect(code).toBe(0);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('succeeded (stopped)');
    expect(stdout).toMatch(/^state +succeeded \(stopped\)$/m);
    expect(stderr).not.toContain('\u001B');
  });

  it('takes its input from standard input, and ends with 1 when the job failed', async () => {
    const input = JSON.stringify({ taskIdentifier: 't-fails00001' });
    const { code, stdout } = await run('watch-import-task --input - --wait --json', { input });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'failed', outcome: { code: 'import-failed' } });
  });

  it('leaves the job running on Ctrl-C, watches it no longer than told, and ends with 2 when it was cancelled', async () => {
    const left = await run('watch-import-task --task-identifier t-cancel0001 --wait', { interruptAt: 'running' });
    expect(left.code).toBe(130);
    const [, cancelling = '', id = ''] = /neptune-ops (jobs cancel (\S+))/.exec(left.stderr) ?? [];
    expect(await run(`jobs watch ${id} --timeout 1`)).toMatchObject({ code: 3 });
    expect(await run(cancelling)).toMatchObject({ code: 0 });
    const ended = await run(`jobs watch ${id} --json`);
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({ id, state: 'cancelled' });
    expect(await run(cancelling)).toMatchObject({ code: 4 });
  });

  it('ends with 3 when the job timed out', async () => {
    const runFor = (ms: number) => {
      const deadline = new Date(Date.now() + ms).toISOString();
      return run(`watch-import-task --task-identifier t-cancel0001 --deadline ${deadline} --wait --json`);
    };
    // A busy machine may be so slow to ask that its deadline has passed by then.
    let [ms, ended] = [4_000, await runFor(4_000)];
    while (ended.stderr.includes('deadline has passed already') && ms < patience) ended = await runFor((ms *= 2));
    expect(JSON.parse(ended.stdout)).toMatchObject({ state: 'timed-out' });
    expect(ended.code).toBe(3);
  });

  it('ends with 4 when it is refused, with the code and what to do', async () => {
    const refused = await run('fast-reset --db-cluster-identifier dev-2 --confirm dev-2 --json');
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('cluster-not-resettable: ');
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'cluster-not-resettable', status: 403 } });
    await service.emulator.setDurations({ startMs: 60_000 });
    const [held, busy, inLine] = await runAll([
      words('start-db-cluster --db-cluster-identifier staging-1 --json'),
      words('stop-db-cluster --db-cluster-identifier staging-1'),
      words('stop-db-cluster --db-cluster-identifier staging-1 --on-busy wait --json'),
    ]);
    const holder = JSON.parse(held?.stdout ?? '') as Job;
    expect(busy?.code).toBe(4);
    expect(busy?.stderr).toContain(`neptune-ops jobs watch ${holder.id}`);
    expect(JSON.parse(inLine?.stdout ?? '')).toMatchObject({ state: 'waiting' });
  });

  it('looks only, when told to, and says what would be asked of AWS', async () => {
    const [ready, json, stopped, watched, listed] = await runAll([
      words('stop-db-cluster --db-cluster-identifier dev-1 --dry-run'),
      words('stop-db-cluster --db-cluster-identifier dev-1 --dry-run --json'),
      words('start-db-cluster --db-cluster-identifier dev-1 --dry-run'),
      words('watch-import-task --task-identifier t-cancel0001 --dry-run'),
      words('jobs list --resource default/db-cluster/dev-1 --json'),
    ]);
    expect([ready, json, stopped, watched].map((each) => each?.code)).toEqual([0, 0, 0, 0]);
    expect(ready?.stdout).toMatch(/^would call +rds:StopDBCluster$/m);
    expect(ready?.stdout).toMatch(/^state now +available$/m);
    expect(JSON.parse(json?.stdout ?? '')).toMatchObject({ wouldCall: ['rds:StopDBCluster'], whyNot: null });
    expect(stopped?.stdout).toMatch(/^would call +nothing\. Nothing is to be done: it is available already\.$/m);
    expect(watched?.stdout).toMatch(/^would call +nothing/m);
    for (const each of [ready, stopped, watched]) {
      expect(each?.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(each?.stderr).toBe('');
    }
    expect(JSON.parse(listed?.stdout ?? '')).toMatchObject({ jobs: [] });
  });

  it('puts a hold on and takes it off', async () => {
    const [on, shown, off] = await runAll([
      ['hold', 'on', '--reason', 'AWS incident', '--target', 'default'],
      words('hold show --json'),
      words('hold off --target default'),
    ]);
    expect(on).toMatchObject({ code: 0 });
    expect(on?.stdout).toMatch(/AWS\s+incident/);
    expect(JSON.parse(shown?.stdout ?? '')).toMatchObject({ holds: [{ target: 'default' }] });
    expect(off).toMatchObject({ code: 0, stdout: 'No hold is on.\n' });
  });

  it('lists the operations', async () => {
    expect((await run('operations')).stdout).toContain('create-graph-snapshot\n');
  });
});

describe('the command, by itself', () => {
  it('ends with 5 when nobody answers, or somebody else does, and never shows the key', async () => {
    const env = { NEPTUNE_OPS_URL: 'http://127.0.0.1:1', NEPTUNE_OPS_API_KEY: 'ab12cd.very-secret' };
    const { code, stdout, stderr } = await runCommand(['jobs', 'list', '--json'], { env });
    expect(code).toBe(5);
    expect(stderr).toContain('NEPTUNE_OPS_URL');
    expect(stdout + stderr).not.toContain('very-secret');
  });

  const wrong = [
    ['stop-db-cluster', /--db-cluster-identifier is missing/],
    ['stop-db-cluster --db-cluster-identifier dev--1', /no two together/],
    ['stop-db-cluster --db-cluster-identifier dev-1 --wait soon', /seconds/],
    ['stop-db-cluster --db-cluster-identifier dev-1 --wait --dry-run', /cannot be used with/],
    ['stop-db-cluster --input /nowhere.json', /ENOENT/],
    ['drop-everything', /unknown command/],
    ['jobs', /Usage/],
    ['jobs list --state ended', /Allowed choices/],
    ['hold on', /--reason/],
    ['start everything', /Allowed choices/],
    ['keys create --name a --scopes operation:drop', /operation:\*/],
  ] as const;
  let wrongEnded: readonly Ended[];
  beforeAll(async () => {
    wrongEnded = await runCommands(wrong.map(([line]) => words(line)));
  });

  it.each(wrong.map((each, index) => [...each, index] as const))(
    'ends with 64 on wrong usage: %s',
    (_line, says, index) => {
      expect(wrongEnded).toHaveLength(wrong.length);
      const { code, stdout, stderr } = wrongEnded[index] as Ended;
      expect(code).toBe(64);
      expect(stdout).toBe('');
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/^ {4}at /m);
    },
  );

  it('says of a field from a file what it should be', async () => {
    const { code, stderr } = await runCommand(words('create-graph-snapshot --input -'), { input: '{"tags":"team"}' });
    expect(code).toBe(64);
    expect(stderr).toContain('--tags is not right: should be an object, not text');
    expect(stderr).toContain('--graph-identifier is missing');
  });

  it('ends with 64 also as the process that a script starts', async () => {
    const [line, says] = wrong[0];
    const { code, stderr } = await runCommand([line]);
    expect(code).toBe(64);
    expect(stderr).toMatch(says);
  });

  it('makes keys, each shown once, in a file for the operator alone', async () => {
    const file = join(folder, 'keys.json');
    const create = (name: string) =>
      words(`keys create --name ${name} --scopes read,operation:stop-db-cluster --file ${file}`);
    const [first, , listed] = await runCommands([create('one'), create('two'), ['keys', 'list', '--file', file]]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const key = first?.stdout.trim() ?? '';
    const stored = readFileSync(file, 'utf8');
    expect(stored).not.toContain(key.split('.')[1]);
    const entries = JSON.parse(stored) as ApiKey[];
    expect(fixedKeys(entries).find(key)).toMatchObject({ name: 'one', targets: ['*'], resources: ['*'] });
    expect(listed?.stdout).toContain('operation:stop-db-cluster');
    expect(listed?.stdout).not.toContain(entries[0]?.sha256);
  });

  it('leaves a file alone that is no list of keys', async () => {
    const file = join(folder, 'other.json');
    writeFileSync(file, '{"a":1}');
    const { code } = await runCommand(['keys', 'create', '--name', 'a', '--scopes', 'read', '--file', file]);
    expect(code).toBe(64);
    expect(readFileSync(file, 'utf8')).toBe('{"a":1}');
  });

  it('asks with its key, and is let in', async () => {
    const { stdout } = await runCommand(['keys', 'create', '--name', 'a', '--scopes', 'read', '--json']);
    const { key, entry } = JSON.parse(stdout) as { key: string; entry: ApiKey };
    const guarded = await startRunningService({ NEPTUNE_OPS_API_KEYS: JSON.stringify([entry]) });
    try {
      const env = { NEPTUNE_OPS_URL: guarded.url };
      expect(await runCommand(['jobs', 'list'], { env: { ...env, NEPTUNE_OPS_API_KEY: key } })).toMatchObject({
        code: 0,
      });
      const refused = await runCommand(['jobs', 'list'], { env });
      expect(refused.code).toBe(4);
      expect(refused.stderr).toContain('unauthorized');
    } finally {
      await guarded.close();
    }
  });

  it('starts the service as npm start does', async () => {
    const { code, stderr } = await runCommand(['start', 'worker'], { env: { AWS_REGION: 'eu-west-1' } });
    expect(code).toBe(1);
    expect(stderr).toContain('only with REDIS_URL');
  });
});

describe('the help', async () => {
  const program = await createProgram();
  const every = [program, ...program.commands.flatMap((command) => [command, ...command.commands])];

  it.each(every.map((command) => [command.name(), command] as const))(
    'of %s fits and has examples',
    (_name, command) => {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
      if (command.commands.length === 0 || command === program) expect(help).toContain('Examples:\n  ');
    },
  );

  it('of everything names every command, made from the registry or not, by its summary', async () => {
    const shown = (one: typeof program) => one.commands.map((command) => [command.name(), command.description()]);
    expect(shown(await createProgram('--help')).toSorted()).toEqual(shown(program).toSorted());
  });

  it('says which version this is', async () => {
    expect(await runCommand(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('tells the exit codes', async () => {
    const { code, stdout } = await runCommand(['--help']);
    expect(code).toBe(0);
    for (const exit of [0, 1, 2, 3, 4, 5, 64]) expect(stdout).toMatch(new RegExp(`^  ${exit} `, 'm'));
  });
});
