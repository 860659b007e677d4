// Reads the settings from the environment or a file with the same names, and reports all mistakes at once. Secrets may
// come from files (NAME_FILE) and are never printed.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { z } from 'zod';
import { withoutSecrets } from './redact.ts';
import { type Setting, entries, region, settings } from './settings.ts';

/** A region, and optionally a role to assume there, under a name. */
export interface Target {
  readonly name: string;
  readonly region: string;
  readonly role?: string;
}

const loopback = /^(localhost|::1|127(\.\d{1,3}){3})$/;

type Values = { [Name in keyof typeof settings]: z.output<(typeof settings)[Name]['schema']> };

export interface Config extends Values {
  /** `default` comes first. */
  readonly targets: readonly Target[];
  readonly resettable: ReadonlySet<string>;
  readonly resettableGraphs: ReadonlySet<string>;
  /** What was given but left aside, and why: a sentence each, to be told at start. */
  readonly remarks: readonly string[];
  /** Addresses and ranges. */
  readonly trustedProxies: readonly string[];
  /** Beside AWS's own, in lower case. */
  readonly dataPlaneHosts: readonly string[];
}

/** All mistakes in the settings, one per line: the setting, its rule, an example. */
export class SettingsError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    const clean = problems.map(withoutSecrets);
    super(`The settings are not right:\n${clean.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
    this.problems = clean;
  }
}

/** Reads the settings. Throws a `SettingsError` with every mistake. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const remarks: string[] = [];
  const given = withFiles(withoutServices(environment, remarks), problems);
  given.AWS_REGION ||= given.AWS_DEFAULT_REGION;
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings) as [string, Setting][]) {
    const parsed = setting.schema.safeParse(given[name] === '' ? undefined : given[name]);
    if (parsed.success) values[name] = parsed.data;
    else {
      const rules = parsed.error.issues.map((issue) => issue.message).join('; ');
      const said = given[name] === undefined ? 'is missing' : setting.secret ? 'is not right' : `is “${given[name]}”`;
      problems.push(`${name} ${said}: ${rules}. Example: ${name}=${setting.example}`);
    }
  }
  for (const name of Object.keys(given)) {
    if (name.startsWith('NEPTUNE_OPS_') && !known(name))
      problems.push(`${name} is not a setting of neptune-ops. Is it misspelt?`);
  }
  if (!loopback.test(String(values.HOST)) && !given.NEPTUNE_OPS_API_KEYS && !given.NEPTUNE_OPS_API_KEYS_FILE) {
    problems.push(
      'HOST is not loopback, and no API keys are set: anybody who reaches the service could stop and empty databases. Example: NEPTUNE_OPS_API_KEYS_FILE=./keys.json',
    );
  }
  const targets = readTargets(String(values.AWS_REGION ?? ''), String(values.NEPTUNE_OPS_TARGETS ?? ''), problems);
  for (const setting of ['NEPTUNE_OPS_RESETTABLE_CLUSTERS', 'NEPTUNE_OPS_RESETTABLE_GRAPHS'] as const) {
    for (const entry of entries(String(values[setting] ?? ''))) {
      if (targets.some(({ name }) => entry.startsWith(`${name}/`))) continue;
      problems.push(`${setting} has “${entry}”, but there is no target of that name.`);
    }
  }
  const { NEPTUNE_OPS_POLL_MIN_MS: min, NEPTUNE_OPS_POLL_MAX_MS: max } = values as Partial<Values>;
  if (min !== undefined && max !== undefined && min > max) {
    problems.push('NEPTUNE_OPS_POLL_MIN_MS is greater than NEPTUNE_OPS_POLL_MAX_MS.');
  }
  if (problems.length > 0) throw new SettingsError(problems);
  const resettable = new Set(
    entries(String(values.NEPTUNE_OPS_RESETTABLE_CLUSTERS)).map((entry) => entry.toLowerCase()),
  );
  const resettableGraphs = new Set(entries(String(values.NEPTUNE_OPS_RESETTABLE_GRAPHS)));
  const trustedProxies = entries(String(values.NEPTUNE_OPS_TRUST_PROXY));
  const dataPlaneHosts = entries(String(values.NEPTUNE_OPS_DATA_PLANE_HOSTS)).map((entry) => entry.toLowerCase());
  return { ...(values as Values), targets, resettable, resettableGraphs, trustedProxies, dataPlaneHosts, remarks };
}

/** Without the setting, the board is on only on loopback. */
export function boardIsOn({ NEPTUNE_OPS_BOARD: board, HOST }: Config): boolean {
  return board === undefined ? loopback.test(HOST) : board === 'on';
}

/**
 * Adds the settings file's values to the environment, unless they are set there: the SDK and OpenTelemetry read only
 * the environment. `readConfig` reports a file that can't be read.
 */
export function adoptConfigFile(environment: Record<string, string | undefined>): void {
  const file = environment.NEPTUNE_OPS_CONFIG_FILE;
  if (!file) return;
  let given: ReturnType<typeof parseEnv>;
  try {
    given = parseEnv(readFileSync(file, 'utf8'));
  } catch {
    return;
  }
  for (const [name, value] of Object.entries(given)) environment[name] ??= value;
}

/**
 * Puts the region of AWS's profile into the environment where nothing else names one, for the SDK's clients would find it
 * there too. Never rejects: a region that is missing is `readConfig`'s to tell.
 */
export async function adoptRegion(environment: Record<string, string | undefined>): Promise<void> {
  const { AWS_REGION, AWS_REGION_FILE, AWS_DEFAULT_REGION } = environment;
  if (AWS_REGION || AWS_REGION_FILE || AWS_DEFAULT_REGION) return;
  const { NODE_REGION_CONFIG_OPTIONS, loadConfig } = await import('@smithy/core/config');
  const { environmentVariableSelector, configFileSelector } = NODE_REGION_CONFIG_OPTIONS;
  const ofProfile = loadConfig(
    { environmentVariableSelector, configFileSelector, default: '' },
    { preferredFile: 'credentials' },
  );
  const found = await ofProfile().catch(() => undefined);
  if (found) environment.AWS_REGION = found;
}

/** What Kubernetes (and Docker's links) put into every container for a Service: no person writes these names or values. */
const serviceName = /_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const serviceAddress = /^(tcp|udp|sctp):\/\//;

/** The environment without what describes a Service whose name begins as the settings do. */
function withoutServices(
  environment: Readonly<Record<string, string | undefined>>,
  remarks: string[],
): Record<string, string | undefined> {
  const own = Object.entries(environment).filter(([name, value = '']) => {
    if (!name.startsWith('NEPTUNE_OPS_')) return true;
    const isAddress = name.endsWith('_PORT') && serviceAddress.test(value);
    if (isAddress && known(name)) {
      remarks.push(
        `${name} is “${value}”, which Kubernetes sets for a Service of that name; it is ignored. Set ${name} in the container, or enableServiceLinks: false in the pod.`,
      );
    }
    return !isAddress && (known(name) || !serviceName.test(name));
  });
  return Object.fromEntries(own);
}

const outside = ['NEPTUNE_OPS_CONFIG_FILE', 'NEPTUNE_OPS_URL', 'NEPTUNE_OPS_API_KEY'];

function known(name: string): boolean {
  return name in settings || outside.includes(name) || (name.endsWith('_FILE') && name.slice(0, -5) in settings);
}

/** The environment over the settings file, with NAME_FILE read for NAME. */
function withFiles(
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Record<string, string | undefined> {
  const load = (name: string, path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      problems.push(`${name} names a file that can't be read (${(error as NodeJS.ErrnoException).code}): ${path}`);
      return '';
    }
  };
  const file = environment.NEPTUNE_OPS_CONFIG_FILE;
  const given: Record<string, string | undefined> = {
    ...(file ? parseEnv(load('NEPTUNE_OPS_CONFIG_FILE', file)) : {}),
    ...environment,
  };
  for (const name of Object.keys(settings)) {
    // A `…_FILE` that is a setting of its own isn't read here, because its file is watched.
    const path = `${name}_FILE` in settings ? undefined : given[`${name}_FILE`];
    if (path && given[name] === undefined) given[name] = load(`${name}_FILE`, path).trim();
  }
  return given;
}

function readTargets(home: string, list: string, problems: string[]): Target[] {
  const targets: Target[] = [{ name: 'default', region: home }];
  for (const entry of entries(list, ';')) {
    const match = /^([a-z][a-z0-9-]{0,31})=(\S+)(?:\s+(arn:aws[^:]*:iam::\d{12}:role\/\S+))?$/.exec(entry);
    if (!match || !region.test(match[2] ?? '')) {
      problems.push(
        `NEPTUNE_OPS_TARGETS has “${entry}”: an entry is name=region or name=region role-arn. Example: ${settings.NEPTUNE_OPS_TARGETS.example}`,
      );
      continue;
    }
    const [, name = '', where = '', role] = match;
    const target: Target = { name, region: where, ...(role === undefined ? {} : { role }) };
    if (name === 'all')
      problems.push('NEPTUNE_OPS_TARGETS: “all” stands for every target, and can’t be the name of one.');
    const twin = targets.find((other) => other.name === name || (other.region === where && other.role === role));
    if (twin)
      problems.push(
        `NEPTUNE_OPS_TARGETS: “${name}” is the same place or name as “${twin.name}”; two targets must differ in both.`,
      );
    targets.push(target);
  }
  return targets;
}
