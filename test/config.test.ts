// The settings: read from the environment and from files, every mistake told at once, and no secret with it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SettingsError, adoptRegion, readConfig } from '../src/config.ts';
import { settings } from '../src/settings.ts';
import { completionEvent } from '../src/queue/completion-event.ts';
import { endedJob } from './support/jobs.ts';

const least = { AWS_REGION: 'eu-west-1' };

function problemsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    const { problems, message } = error as SettingsError;
    for (const problem of problems) expect(message).toContain(problem);
    return problems;
  }
  return [];
}

describe('the settings', () => {
  let folder: string;
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'neptune-ops-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('need only a region', () => {
    expect(readConfig(least)).toMatchObject({
      REDIS_URL: undefined,
      NEPTUNE_OPS_DATA_DIR: './data',
      HOST: '127.0.0.1',
      PORT: 3000,
      NEPTUNE_OPS_SOURCE: 'neptune-ops',
      NEPTUNE_OPS_DATA_PLANE_SCHEME: 'https',
      targets: [{ name: 'default', region: 'eu-west-1' }],
      resettable: new Set(),
    });
  });

  it('name the hosts beside AWS’s that data planes may be at, without scheme and port', () => {
    const hosts = (list: string) => ({ ...least, NEPTUNE_OPS_DATA_PLANE_HOSTS: list });
    const { dataPlaneHosts } = readConfig(hosts('Graph.example, *.neptune.internal'));
    expect(dataPlaneHosts).toEqual(['graph.example', '*.neptune.internal']);
    for (const wrong of ['https://graph.example', 'graph.example:8182', '*', 'a*.example', '*.*.example', 'a/b']) {
      expect(problemsOf(hosts(wrong)).join(), wrong).toContain('entries are host names');
    }
  });

  it('take an empty text for left out', () => {
    expect(readConfig({ ...least, REDIS_URL: '', PORT: '', NEPTUNE_OPS_POLL_MIN_MS: '' })).toEqual(readConfig(least));
  });

  it.each(['Team A', 'Tübingen', 'a\\b', '100%', 'a#b#c', 'http://[::1', 'http://host:port/', '<ops>', ' '])(
    'refuse “%s” for a source, which no event could have',
    (source) => {
      expect(problemsOf({ ...least, NEPTUNE_OPS_SOURCE: source })).toEqual([
        expect.stringMatching(
          /^NEPTUNE_OPS_SOURCE is “.*”: a URI reference.*Example: NEPTUNE_OPS_SOURCE=neptune-ops$/s,
        ),
      ]);
    },
  );

  it.each(['neptune-ops', '/ops/eu', 'https://ops.example/eu?x=1#y', 'urn:ops:eu', 'https://[::1]:3000/', 'Team%20A'])(
    'take “%s” for a source',
    (source) => expect(problemsOf({ ...least, NEPTUNE_OPS_SOURCE: source })).toEqual([]),
  );

  it('take no source that an event refuses', () => {
    const letters = fc.constantFrom(...'a:/?#[]@!$&\'()*+,;=-._~%20"<> {}|^`ü1'.split(''));
    const sources = fc.string({ unit: letters, minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sources, (source) => {
        fc.pre(problemsOf({ ...least, NEPTUNE_OPS_SOURCE: source }).length === 0);
        expect(completionEvent(endedJob(), source).id).toBe(endedJob().id);
      }),
    );
  });

  it.each([
    ['NEPTUNE_OPS_BASE_PATH', 'neptune'],
    ['NEPTUNE_OPS_BASE_PATH', '/a/../b'],
    ['NEPTUNE_OPS_BASE_PATH', '//elsewhere.example'],
    ['NEPTUNE_OPS_BASE_PATH', '/a b'],
    ['NEPTUNE_OPS_TRUST_PROXY', 'proxy.example'],
    ['NEPTUNE_OPS_TRUST_PROXY', '10.0.0.0/33'],
    ['NEPTUNE_OPS_TRUST_PROXY', '10.0.0.0/8/8'],
    ['NEPTUNE_OPS_TRUST_PROXY', 'true'],
  ])('refuse %s=%s', (name, value) => {
    expect(problemsOf({ ...least, [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} is “`))]);
  });

  it('take a base path with a slash at its end or without, and proxies of both families', () => {
    expect(readConfig({ ...least, NEPTUNE_OPS_BASE_PATH: '/' }).NEPTUNE_OPS_BASE_PATH).toBe('');
    expect(readConfig({ ...least, NEPTUNE_OPS_BASE_PATH: '/a/b.c/' }).NEPTUNE_OPS_BASE_PATH).toBe('/a/b.c');
    expect(problemsOf({ ...least, NEPTUNE_OPS_TRUST_PROXY: '10.0.0.0/8, ::1,fd00::/8' })).toEqual([]);
  });

  it.each(Object.entries(settings))('take the example of %s', (name, { example }) => {
    const more =
      name === 'NEPTUNE_OPS_RESETTABLE_CLUSTERS' ? { NEPTUNE_OPS_TARGETS: settings.NEPTUNE_OPS_TARGETS.example } : {};
    expect(problemsOf({ ...least, ...more, [name]: example })).toEqual([]);
  });

  it.each(Object.entries(settings))('say what %s means, and what it is when left out', (name, { meaning, schema }) => {
    const { success, data } = schema.safeParse(undefined);
    const told = !success ? 'Required' : data === undefined ? /Left out|Default|own setting/ : /Default/;
    expect(meaning, name).toMatch(told);
    if (success && data !== undefined && data !== '') expect(meaning).toContain(`\`${String(data)}\``);
  });

  it('tell every mistake at once: which, what it should be, an example', () => {
    const problems = problemsOf({
      REDIS_URL: 'http://localhost',
      HOST: '0.0.0.0',
      PORT: '70000',
      NEPTUNE_OPS_TARGETS: 'prod',
      NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'test-*',
      NEPTUNE_OPS_RATE_NEPTUNE: '0',
      NEPTUNE_OPS_CONCURRENCY: 'many',
      NEPTUNE_OPS_DATA_PLANE_SCHEME: 'ftp',
      NEPTUNE_OPS_POLL_MIN: '5',
    });
    const names = [
      'REDIS_URL',
      'PORT',
      'AWS_REGION',
      'NEPTUNE_OPS_RESETTABLE_CLUSTERS',
      'NEPTUNE_OPS_RATE_NEPTUNE',
      'NEPTUNE_OPS_CONCURRENCY',
      'NEPTUNE_OPS_DATA_PLANE_SCHEME',
      'NEPTUNE_OPS_POLL_MIN',
      'HOST',
      'NEPTUNE_OPS_TARGETS',
    ];
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(names);
    for (const problem of problems) {
      if (!problem.includes('misspelt')) expect(problem).toMatch(/: .+\. Example: \S/);
      expect(problem).not.toMatch(/Invalid input|undefined|NaN/);
    }
  });

  it('never show a secret, right or wrong', () => {
    for (const REDIS_URL of ['redis//:hunter2@host', 'http://:hunter2@host', 'redis://user:hunter2@', 'hunter2']) {
      expect(problemsOf({ REDIS_URL, PORT: 'x' }).join('\n')).not.toContain('hunter2');
      expect(problemsOf({ REDIS_URL_FILE: file('redis-url', REDIS_URL), PORT: 'x' }).join('\n')).not.toContain(
        'hunter2',
      );
    }
    const config = readConfig({ ...least, REDIS_URL: 'rediss://user:hunter2@host:6380/1' });
    expect(config.REDIS_URL).toBe('rediss://user:hunter2@host:6380/1');
  });

  describe('from files', () => {
    it('come below the environment', () => {
      const NEPTUNE_OPS_CONFIG_FILE = file(
        'settings.env',
        '# the region\nAWS_REGION=us-east-1\nPORT="4000"\nNEPTUNE_OPS_SOURCE=ops # here\n',
      );
      expect(readConfig({ NEPTUNE_OPS_CONFIG_FILE, PORT: '5000' })).toMatchObject({
        AWS_REGION: 'us-east-1',
        PORT: 5000,
        NEPTUNE_OPS_SOURCE: 'ops',
      });
    });

    it('may hold one setting each, without its line feed', () => {
      const REDIS_URL_FILE = file('redis-url', 'redis://user:hunter2@host:6379/0\n');
      expect(readConfig({ ...least, REDIS_URL_FILE }).REDIS_URL).toBe('redis://user:hunter2@host:6379/0');
      expect(readConfig({ ...least, REDIS_URL_FILE, REDIS_URL: 'redis://other' }).REDIS_URL).toBe('redis://other');
    });

    it('may name such a file', () => {
      const REDIS_URL_FILE = file('redis-url', 'redis://host');
      const NEPTUNE_OPS_CONFIG_FILE = file('settings.env', `AWS_REGION=eu-west-1\nREDIS_URL_FILE=${REDIS_URL_FILE}\n`);
      expect(readConfig({ NEPTUNE_OPS_CONFIG_FILE }).REDIS_URL).toBe('redis://host');
    });

    it('that can’t be read are told like every mistake, with the rest', () => {
      const problems = problemsOf({
        NEPTUNE_OPS_CONFIG_FILE: '/nowhere/a',
        REDIS_URL_FILE: '/nowhere/b',
        NEPTUNE_OPS_SOURCE_FILE: folder,
      });
      expect(problems).toEqual([
        expect.stringMatching(/^NEPTUNE_OPS_CONFIG_FILE names a file that can't be read \(ENOENT\): \/nowhere\/a/),
        expect.stringMatching(/^REDIS_URL_FILE .*ENOENT.*\/nowhere\/b/),
        expect.stringMatching(/^NEPTUNE_OPS_SOURCE_FILE .*EISDIR/),
        expect.stringMatching(/^AWS_REGION is missing/),
      ]);
    });

    it('tell mistakes of theirs too', () => {
      const NEPTUNE_OPS_CONFIG_FILE = file('settings.env', 'AWS_REGION=eu-west-1\nNEPTUNE_OPS_RATES=5\nPORT=x\n');
      expect(problemsOf({ NEPTUNE_OPS_CONFIG_FILE })).toEqual([
        expect.stringMatching(/^PORT is “x”/),
        expect.stringMatching(/^NEPTUNE_OPS_RATES is not a setting/),
      ]);
    });
  });

  it.each(['NEPTUNE_OPS_RESETABLE_CLUSTERS', 'NEPTUNE_OPS_', 'NEPTUNE_OPS_SORUCE_FILE', 'NEPTUNE_OPS_constructor'])(
    'refuse the unknown name %s',
    (name) =>
      expect(problemsOf({ ...least, [name]: 'x' })).toEqual([expect.stringMatching(`^${name} is not a setting`)]),
  );

  describe('beside a Service of Kubernetes', () => {
    /** As `kubectl exec POD -- env` shows them for a Service with the ports `http` and 3478/UDP. */
    const service = (name: string, port: number) => ({
      [`${name}_SERVICE_HOST`]: '10.96.0.12',
      [`${name}_SERVICE_PORT`]: String(port),
      [`${name}_SERVICE_PORT_HTTP`]: String(port),
      [`${name}_PORT`]: `tcp://10.96.0.12:${port}`,
      [`${name}_PORT_${port}_TCP`]: `tcp://10.96.0.12:${port}`,
      [`${name}_PORT_${port}_TCP_PROTO`]: 'tcp',
      [`${name}_PORT_${port}_TCP_PORT`]: String(port),
      [`${name}_PORT_${port}_TCP_ADDR`]: '10.96.0.12',
      [`${name}_PORT_3478_UDP`]: 'udp://10.96.0.12:3478',
    });

    it.each(['NEPTUNE_OPS', 'NEPTUNE_OPS_API', 'NEPTUNE_OPS_REDIS'])(
      'called %s it is not taken for settings',
      (name) => {
        expect(readConfig({ ...least, ...service(name, 3000) })).toEqual(readConfig(least));
      },
    );

    it('whose address stands in the place of a setting, the address is ignored with a sentence', () => {
      const { remarks, ...config } = readConfig({ ...least, ...service('NEPTUNE_OPS_METRICS', 9464) });
      expect(config).toMatchObject({ NEPTUNE_OPS_METRICS_PORT: undefined });
      expect(remarks).toEqual([
        expect.stringMatching(/^NEPTUNE_OPS_METRICS_PORT is “tcp:\/\/10\.96\.0\.12:9464”, which Kubernetes sets/),
      ]);
    });

    it('what the file of settings says stands', () => {
      const NEPTUNE_OPS_CONFIG_FILE = file('k8s.env', 'AWS_REGION=eu-west-1\nNEPTUNE_OPS_METRICS_PORT=9465\n');
      const environment = { NEPTUNE_OPS_CONFIG_FILE, ...service('NEPTUNE_OPS_METRICS', 9464) };
      expect(readConfig(environment).NEPTUNE_OPS_METRICS_PORT).toBe(9465);
    });

    it.each([
      { NEPTUNE_OPS_PORT: '3000' },
      { NEPTUNE_OPS_METRICS_POTR: 'tcp://10.96.0.12:9464' },
      { NEPTUNE_OPS_SERVICE: '10.96.0.12' },
    ])('%j is misspelt all the same', (environment) => {
      const [name = ''] = Object.keys(environment);
      expect(problemsOf({ ...least, ...environment })).toEqual([expect.stringMatching(`^${name} is not a setting`)]);
    });

    it('of another scheme the value of a setting is wrong', () => {
      expect(problemsOf({ ...least, NEPTUNE_OPS_METRICS_PORT: 'http://10.96.0.12:9464' })).toHaveLength(1);
    });
  });

  describe('of the region', () => {
    afterEach(() => vi.unstubAllEnvs());

    it('may come under AWS’s other name, below its own', () => {
      expect(readConfig({ AWS_DEFAULT_REGION: 'us-east-1' }).targets).toMatchObject([{ region: 'us-east-1' }]);
      expect(readConfig({ ...least, AWS_DEFAULT_REGION: 'us-east-1' }).AWS_REGION).toBe('eu-west-1');
      expect(readConfig({ AWS_REGION: '', AWS_DEFAULT_REGION: 'us-east-1' }).AWS_REGION).toBe('us-east-1');
    });

    it('may come from the profile, below the environment', async () => {
      const profiles = file('aws-config', '[default]\nregion = eu-north-1\n[profile prod]\nregion = us-west-2\n');
      vi.stubEnv('AWS_CONFIG_FILE', profiles);
      vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
      vi.stubEnv('AWS_REGION', undefined);
      const adopted = async (environment: Record<string, string | undefined>) => {
        await adoptRegion(environment);
        return environment;
      };
      expect(await adopted({})).toEqual({ AWS_REGION: 'eu-north-1' });
      expect(await adopted({ AWS_REGION: 'eu-west-1' })).toEqual({ AWS_REGION: 'eu-west-1' });
      expect(await adopted({ AWS_DEFAULT_REGION: 'eu-west-1' })).toEqual({ AWS_DEFAULT_REGION: 'eu-west-1' });
      vi.stubEnv('AWS_PROFILE', 'prod');
      expect(await adopted({})).toEqual({ AWS_REGION: 'us-west-2' });
      vi.stubEnv('AWS_PROFILE', 'nobody');
      expect(await adopted({})).toEqual({});
    });
  });

  it('let other programs’ names be', () => {
    expect(problemsOf({ ...least, NEPTUNE_URL: 'x', HOME: '/', constructor: 'x', AWS_PROFILE: 'x' })).toEqual([]);
  });

  describe('of the door', () => {
    it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('may be %s', (HOST) => {
      expect(readConfig({ ...least, HOST }).HOST).toBe(HOST);
    });
    it.each(['0.0.0.0', '::', '10.0.0.1', 'ops.example', 'localhost.example', '127.0.0.1.example', '*', ' 127.0.0.1'])(
      'may be %s only with API keys',
      (HOST) => {
        expect(problemsOf({ ...least, HOST })).toEqual([expect.stringMatching(/^HOST is .*loopback/)]);
        expect(problemsOf({ ...least, HOST, NEPTUNE_OPS_API_KEYS: '' })).toHaveLength(1);
        expect(problemsOf({ ...least, HOST, NEPTUNE_OPS_API_KEYS_FILE: '' })).toHaveLength(1);
        expect(problemsOf({ ...least, HOST, NEPTUNE_OPS_API_KEYS_FILE: './keys.json' })).toEqual([]);
      },
    );
  });

  describe('of targets', () => {
    const role = 'arn:aws:iam::123456789012:role/ops';

    it('name a region each, and a role where one is to be assumed', () => {
      const NEPTUNE_OPS_TARGETS = ` prod=us-east-1 ${role} ; china=cn-north-1;gov=us-gov-west-1 arn:aws-us-gov:iam::123456789012:role/path/ops;eu=eusc-de-east-1; `;
      expect(readConfig({ ...least, NEPTUNE_OPS_TARGETS }).targets).toEqual([
        { name: 'default', region: 'eu-west-1' },
        { name: 'prod', region: 'us-east-1', role },
        { name: 'china', region: 'cn-north-1' },
        { name: 'gov', region: 'us-gov-west-1', role: 'arn:aws-us-gov:iam::123456789012:role/path/ops' },
        { name: 'eu', region: 'eusc-de-east-1' },
      ]);
    });

    it.each([
      'prod',
      'prod=',
      'prod=nowhere',
      'Prod=us-east-1',
      '1prod=us-east-1',
      'a.b=us-east-1',
      'prod=us-east-1 arn:aws:iam::1:role/x',
      `prod=us-east-1 ${role} more`,
      `${'p'.repeat(33)}=us-east-1`,
      '__proto__=us-east-1',
    ])('are not %s', (NEPTUNE_OPS_TARGETS) => {
      expect(problemsOf({ ...least, NEPTUNE_OPS_TARGETS })).toEqual([
        expect.stringContaining(`has “${NEPTUNE_OPS_TARGETS}”`),
      ]);
    });

    it.each([
      ['two of one name', 'prod=us-east-1;prod=us-east-2'],
      ['another default', 'default=us-east-1'],
      ['the place of default', 'here=eu-west-1'],
      ['two of one place', `a=us-east-1 ${role};b=us-east-1 ${role}`],
    ])('are never %s', (_what, NEPTUNE_OPS_TARGETS) => {
      expect(problemsOf({ ...least, NEPTUNE_OPS_TARGETS })).toEqual([expect.stringMatching(/same place or name/)]);
    });

    it('may share a region with different roles', () => {
      expect(problemsOf({ ...least, NEPTUNE_OPS_TARGETS: `a=eu-west-1 ${role};b=eu-west-1 ${role}-b` })).toEqual([]);
    });
  });

  describe('of clusters that may be reset', () => {
    it('name them exactly, in lower case as AWS does', () => {
      const config = readConfig({
        ...least,
        NEPTUNE_OPS_TARGETS: 'prod=us-east-1',
        NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'default/Test-1, prod/test-2,',
      });
      expect(config.resettable).toEqual(new Set(['default/test-1', 'prod/test-2']));
    });

    it.each([
      'test-1',
      'default/*',
      'default/test-?',
      '*/test-1',
      'default/',
      '/test-1',
      'default/a/b',
      'default/test-1 default/test-2',
    ])('are not %s', (NEPTUNE_OPS_RESETTABLE_CLUSTERS) => {
      expect(problemsOf({ ...least, NEPTUNE_OPS_RESETTABLE_CLUSTERS })[0]).toMatch(
        /^NEPTUNE_OPS_RESETTABLE_CLUSTERS .*target\/identifier/,
      );
    });

    it('are in a target that there is', () => {
      expect(problemsOf({ ...least, NEPTUNE_OPS_RESETTABLE_CLUSTERS: 'default/test-1,prd/test-2' })).toEqual([
        expect.stringMatching(/^NEPTUNE_OPS_RESETTABLE_CLUSTERS .*“prd\/test-2”.*no target/),
      ]);
    });
  });

  it('have a shortest pace that isn’t longer than the longest', () => {
    const paces = { NEPTUNE_OPS_POLL_MIN_MS: '2000', NEPTUNE_OPS_POLL_MAX_MS: '1000' };
    expect(problemsOf({ ...least, ...paces })).toEqual([expect.stringMatching(/greater than/)]);
  });
});
