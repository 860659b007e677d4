// The doctor: each thing that can be wrong is made wrong, and the sentence is what a person reads at the terminal.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { textOf } from '../../src/cli/doctor-command.ts';
import { examineAll } from '../../src/doctor/doctor.ts';
import { startCredentialSource } from '../../emulator/credential-source.ts';
import { addSamples } from '../../emulator/sample.ts';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';
import { lockFolder } from '../../src/records/folder-lock.ts';
import { runCommand } from '../support/command.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-doctor-'));
let emulator: Emulator;
let env: Record<string, string>;

beforeAll(async () => {
  emulator = await startEmulator();
  await addSamples(emulator.account);
  env = {
    ...emulator.env,
    NEPTUNE_OPS_DATA_DIR: join(folder, 'data'),
    NEPTUNE_OPS_EVENTS_QUEUE_URL: emulator.createQueue('events'),
    NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'default/dev-1',
  };
  for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, value);
});
afterEach(() => emulator.switches.clear());
afterAll(async () => {
  vi.unstubAllEnvs();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What is wrong, as `what: says → mend`. */
async function wrong(more: Record<string, string> = {}, now?: () => number): Promise<string[]> {
  const findings = await examineAll({ environment: { ...env, ...more }, ...(now ? { now } : {}) });
  expect(
    textOf(findings)
      .split('\n')
      .filter((line) => line.length > 80 && line.trim().includes(' ')),
  ).toEqual([]);
  return findings
    .filter(({ verdict }) => verdict === 'wrong')
    .map(({ what, says, mend }) => `${what}: ${says} → ${mend}`);
}

describe('the doctor', () => {
  it('finds nothing wrong where nothing is, changes nothing, and names what it did not try', async () => {
    const effects = () => emulator.journal.effects().length;
    const before = effects();
    const findings = await examineAll({ environment: env });
    expect(findings.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
    expect(effects()).toBe(before);
    const text = textOf(findings);
    for (const each of ['rds:DescribeDBClusters', 'neptune-graph:GetGraph', 'data plane of dev-1']) {
      expect(text).toMatch(new RegExp(`✓ ${each}`));
    }
    expect(text.replace(/\s+/g, ' ')).toMatch(
      /– other actions rds:StartDBCluster, .*: not tried, it would change something/,
    );
    expect(text).toMatch(/– sqs:SendMessage/);
    const reads = emulator.journal.requests({}).map(({ action }) => action);
    expect(reads.filter((action) => !/^(Describe|List|Get)/i.test(action ?? ''))).toEqual([]);
  });

  it('tells every setting that is wrong, and goes no further', async () => {
    const found = await wrong({ PORT: 'many', AWS_REGION: 'Ireland', NEPTUNE_OPS_BORED: 'on' });
    expect(found).toEqual([
      expect.stringMatching(/^PORT: is “many”.*→ Put PORT right/),
      expect.stringMatching(/^AWS_REGION: is “Ireland”/),
      expect.stringMatching(/^NEPTUNE_OPS_BORED: is not a setting/),
    ]);
  });

  it('reads keys and schedules as the service would', async () => {
    const keys = join(folder, 'keys.json');
    writeFileSync(keys, '[{"id":"x"}]');
    const schedules = join(folder, 'schedules.yaml');
    writeFileSync(schedules, 'version: 1\nschedules: []\n');
    expect(await wrong({ NEPTUNE_OPS_API_KEYS_FILE: keys, NEPTUNE_OPS_SCHEDULES_FILE: schedules })).toEqual([
      expect.stringMatching(/^API keys: NEPTUNE_OPS_API_KEYS_FILE: keys\[0\].*→ neptune-ops keys create/),
      expect.stringMatching(/^schedules: .*schedules.yaml:2:\d+: error: .*→ neptune-ops schedules check/),
    ]);
    expect(await wrong({ NEPTUNE_OPS_SCHEDULES_FILE: join(folder, 'none.yaml') })).toEqual([
      expect.stringMatching(/^schedules: .*none.yaml can't be read: ENOENT → Put the file there/),
    ]);
  });

  it('says which permission is denied, who needs it, and where to allow it', async () => {
    emulator.switches.fault({ code: 'AccessDenied' }, { api: 'neptune', action: 'DescribeDBInstances' });
    emulator.switches.fault({ code: 'AccessDeniedException' }, { api: 'neptune-graph', action: 'ListGraphSnapshots' });
    expect(await wrong()).toEqual([
      expect.stringMatching(
        /^rds:DescribeDBInstances: AWS denies it: .*needed by.*fast-reset.*→ Allow rds:DescribeDBInstances .*docs\/iam.md/,
      ),
      expect.stringMatching(/^neptune-graph:ListGraphSnapshots: AWS denies it.*needed by create-graph-snapshot/),
    ]);
  });

  it('does not mind what only schedules need, where there are none', async () => {
    emulator.switches.fault({ code: 'AccessDeniedException' }, { api: 'neptune-graph', action: 'ListImportTasks' });
    expect(await wrong()).toEqual([]);
    const schedules = join(folder, 'good.yaml');
    writeFileSync(schedules, 'version: 1\ntimeZone: Europe/Berlin\nschedules: {}\n');
    expect(await wrong({ NEPTUNE_OPS_SCHEDULES_FILE: schedules })).toEqual([
      expect.stringMatching(/^neptune-graph:ListImportTasks: AWS denies it.*needed by schedules/),
    ]);
  });

  it('says that AWS throttles', async () => {
    emulator.switches.throttle({ api: 'neptune', action: 'DescribeDBClusterSnapshots' });
    expect(await wrong()).toEqual([
      expect.stringMatching(/^rds:DescribeDBClusterSnapshots: AWS throttles: ThrottlingException .*→ Wait a minute/),
    ]);
  });

  it('says that AWS does not take the credentials, once, and does not try everything else', async () => {
    emulator.switches.fault({ code: 'InvalidClientTokenId' }, { api: 'neptune' });
    expect(await wrong({ NEPTUNE_OPS_EVENTS_QUEUE_URL: '' })).toEqual([
      expect.stringMatching(
        /^rds:DescribeDBClusters: AWS does not take the credentials.*→ See who you are: aws sts get-caller-identity/,
      ),
    ]);
  });

  it('says that there are no credentials at all', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
    try {
      expect(await wrong({ NEPTUNE_OPS_EVENTS_QUEUE_URL: '' })).toEqual([
        expect.stringMatching(/^credentials: No AWS credentials: .*→ Give the service a role/),
      ]);
    } finally {
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'stand-in');
    }
  });

  it('ends where a source of credentials accepts and never answers, and says so', async () => {
    const source = await startCredentialSource();
    source.does = 'hang';
    const without = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const none = { AWS_CONFIG_FILE: join(folder, 'none'), AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none') };
    for (const [name, value] of Object.entries({ ...without, ...none, ...source.env })) vi.stubEnv(name, value);
    vi.spyOn(console, 'warn').mockReturnValue();
    try {
      expect(await wrong()).toEqual([
        'credentials: No AWS credentials: TimeoutError: their source did not answer within 5 s → Give the service a role, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
        expect.stringMatching(/^queue: events: no credentials: .*did not answer within 5 s → See where they come from/),
      ]);
    } finally {
      for (const name of Object.keys(source.env)) vi.stubEnv(name, undefined);
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'stand-in');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'stand-in');
      vi.restoreAllMocks();
      await source.close();
    }
  });

  it('passes on what the SDK says of FIPS at an address of one’s own', async () => {
    vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true');
    try {
      expect(await wrong({ NEPTUNE_OPS_EVENTS_QUEUE_URL: '' })).toEqual([
        expect.stringMatching(
          /^rds:DescribeDBClusters: the SDK refuses the address: .*FIPS and custom endpoint are not supported .*→ Take AWS_USE_FIPS_ENDPOINT/,
        ),
        expect.stringMatching(/^neptune-graph:ListGraphs: the SDK refuses the address: .*FIPS/),
      ]);
    } finally {
      vi.stubEnv('AWS_USE_FIPS_ENDPOINT', undefined);
    }
  });

  it('says that the account is not active in a region, and how to make it so', async () => {
    emulator.switches.fault({ code: 'OptInRequired', status: 403 }, { api: 'neptune' });
    expect(await wrong({ NEPTUNE_OPS_EVENTS_QUEUE_URL: '' })).toEqual([
      expect.stringMatching(
        /^rds:DescribeDBClusters: the account is not active there: .*→ Enable the region: aws account/,
      ),
    ]);
  });

  it('says once an API that nobody answers, and that a resettable cluster’s data plane can’t be reached', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_NEPTUNE_GRAPH', 'http://127.0.0.1:1');
    emulator.switches.drop({}, { api: 'neptunedata' });
    try {
      const found = await wrong();
      expect(found.toSorted()).toEqual([
        expect.stringMatching(
          /^data plane of dev-1: .*no answer: ECONNRESET \(needed by fast-reset\) → It answers inside its VPC/,
        ),
        expect.stringMatching(/^neptune-graph:ListGraphs: no answer: ECONNREFUSED .*→ Check the region/),
      ]);
    } finally {
      vi.stubEnv('AWS_ENDPOINT_URL_NEPTUNE_GRAPH', emulator.endpoints.graph);
    }
  });

  it('says that the queue is not there, and how to make it; and that another may not be looked at, which is no fault', async () => {
    const url = `${emulator.endpoints.sqs}/000000000000/none.fifo`;
    expect(await wrong({ NEPTUNE_OPS_EVENTS_QUEUE_URL: url })).toEqual([
      expect.stringMatching(
        /^queue: there is no queue none.fifo.*→ aws sqs create-queue --region eu-west-1 --queue-name none.fifo --attributes FifoQueue=true/,
      ),
    ]);
    emulator.switches.fault({ code: 'AccessDeniedException' }, { api: 'sqs' });
    expect(await wrong()).toEqual([]);
  });

  it('says how far this clock is from AWS’s, from five minutes on', async () => {
    expect(await wrong({}, () => Date.now() + 290_000)).toEqual([]);
    expect(await wrong({}, () => Date.now() - 400_000)).toEqual([
      expect.stringMatching(/^clock: (399|400|401) s behind AWS’s; .*→ timedatectl/),
    ]);
  });

  it('knows whose the folder is, and says that it can’t be written to', async () => {
    const used = join(folder, 'used');
    const unlock = await lockFolder(used);
    const findings = await examineAll({ environment: { ...env, NEPTUNE_OPS_DATA_DIR: used } });
    expect(textOf(findings)).toMatch(new RegExp(`✓ in use +by the process with pid ${process.pid}`));
    unlock();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await wrong({ NEPTUNE_OPS_DATA_DIR: file })).toEqual([expect.stringMatching(/^folder: .* is not a folder/)]);
    const shut = join(folder, 'shut');
    mkdirSync(shut);
    chmodSync(shut, 0o500);
    // Root may write everywhere.
    if (process.getuid?.() !== 0) {
      expect(await wrong({ NEPTUNE_OPS_DATA_DIR: join(shut, 'deep') })).toEqual([
        expect.stringMatching(/^folder: .*can't be written to: EACCES → sudo chown/),
      ]);
    }
    chmodSync(shut, 0o700);
  });

  it('asks the service, where it is told where that is', async () => {
    expect(await wrong({ NEPTUNE_OPS_URL: 'http://127.0.0.1:1' })).toEqual([
      expect.stringMatching(/^service: http:\/\/127.0.0.1:1: .*→ Start it: neptune-ops start/),
    ]);
  });

  it('ends with 1 as a command when something is wrong, with 0 when nothing is, and speaks JSON', async () => {
    const good = await runCommand(['doctor', '--json'], { env });
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(good.stdout)).toMatchObject({ wrong: 0 });
    const bad = await runCommand(['doctor'], { env: { ...env, PORT: 'many' } });
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/✗ PORT\n {4}is “many”/);
    expect(bad.stderr).toContain('1 thing is wrong.');
  });
});

describe.skipIf(!hasRedisServer())('the doctor, asked about Redis', () => {
  const secret = 'canary-of-the-redis-password';
  let server: RedisServer;
  const start = async (...extraArguments: string[]) => {
    server = await startRedisServer({ extraArguments });
    return server.url;
  };
  afterEach(() => server?.stop());

  it('finds nothing wrong with one that forgets nothing', async () => {
    expect(await wrong({ REDIS_URL: await start('--appendonly', 'yes') })).toEqual([]);
  });

  it('says what makes it forget jobs', async () => {
    const url = await start('--maxmemory', '10mb', '--maxmemory-policy', 'allkeys-lru');
    expect(await wrong({ REDIS_URL: url })).toEqual([
      expect.stringMatching(/^maxmemory-policy: allkeys-lru: .*→ redis-cli config set maxmemory-policy noeviction/),
      expect.stringMatching(/^appendonly: no: .*→ redis-cli config set appendonly yes/),
    ]);
  });

  it('says that its memory is nearly full', async () => {
    const url = await start('--appendonly', 'yes', '--maxmemory', '1mb');
    expect(await wrong({ REDIS_URL: url })).toEqual([expect.stringMatching(/^memory: .*1 MB used.*→ Raise maxmemory/)]);
  });

  it('says that it can’t save to its disk', async () => {
    const url = await start('--appendonly', 'yes');
    const redis = new Redis(url);
    const [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
    rmSync(folder, { recursive: true });
    await redis.bgsave();
    await expect.poll(() => redis.info('persistence')).toContain('rdb_last_bgsave_status:err');
    redis.disconnect();
    expect(await wrong({ REDIS_URL: url })).toEqual([
      expect.stringMatching(
        /^saving: rdb_last_bgsave_status: err. Redis can’t save to its disk.*→ Make room on the disk/,
      ),
    ]);
  });

  it('says how far its clock is off', async () => {
    const url = await start('--appendonly', 'yes');
    expect(await wrong({ REDIS_URL: url }, () => Date.now() + 10_000)).toEqual([
      expect.stringMatching(/^clock: it is (9|10|11) s behind the one here; jobs come too late → /),
    ]);
  });

  it('says that it can’t be reached or refuses the password, and never shows it', async () => {
    const url = new URL(await start());
    const owner = new Redis(url.href);
    await owner.config('SET', 'requirepass', 'another');
    owner.disconnect();
    url.password = secret;
    const findings = await examineAll({ environment: { ...env, REDIS_URL: url.href } });
    const text = textOf(findings);
    expect(text).toMatch(/✗ reachable\n {4}127.0.0.1:\d+\/0 refuses the user or password/);
    await server.kill();
    const gone = textOf(await examineAll({ environment: { ...env, REDIS_URL: url.href } }));
    expect(gone).toMatch(/✗ reachable\n {4}127.0.0.1:\d+\/0 can't be reached: .*ECONNREFUSED/);
    expect(text + gone).not.toContain(secret);
  });
});
