// Checks the settings, the API keys and the schedules file, as the service reads them at its start.
import { readFileSync, statSync } from 'node:fs';
import { parseKeys } from '../api/auth/api-keys.ts';
import { type Config, SettingsError, readConfig } from '../config.ts';
import { readPlan } from '../schedules/file/schedule-file.ts';
import { findingLines } from '../schedules/file/watched-plan.ts';
import type { Chapter } from './finding.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the settings if they are valid. */
export function checkSettings(into: Chapter, environment: Environment): Config | undefined {
  try {
    const config = readConfig(environment);
    const targets = config.targets.map(({ name, region }) => `${name} (${region})`).join(', ');
    into.fine('settings', `right; targets: ${targets}`);
    for (const remark of config.remarks) into.untried(remark.split(' ')[0] ?? '', remark);
    return config;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const problem of error.problems) {
      const [name = ''] = problem.split(/[\s:]/);
      into.wrong(
        name,
        problem.slice(name.length).replace(/^[:\s]+/, ''),
        `Put ${name} right; the README lists all settings.`,
      );
    }
    return undefined;
  }
}

export function checkKeys(into: Chapter, config: Config): void {
  const { NEPTUNE_OPS_API_KEYS: list, NEPTUNE_OPS_API_KEYS_FILE: file } = config;
  if (list === undefined && file === undefined) {
    return into.fine('API keys', `none: everybody who reaches ${config.HOST} may do anything`);
  }
  const setting = file === undefined ? 'NEPTUNE_OPS_API_KEYS' : 'NEPTUNE_OPS_API_KEYS_FILE';
  try {
    const keys = parseKeys(file === undefined ? (list ?? '') : readFileSync(file, 'utf8'));
    if (file !== undefined && isForAllToWrite(file)) return into.wrong('API keys', forAll(file), `chmod o-w ${file}`);
    if (keys.length > 0) return into.fine('API keys', `${keys.length}, from ${setting}`);
    into.wrong('API keys', `${setting} has no key: everybody is turned away.`, createKey(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    into.wrong('API keys', `${setting}: ${code ? `can't be read (${code})` : message}`, createKey(file));
  }
}

/** Who writes them decides who may ask, and what is stopped. */
function isForAllToWrite(file: string): boolean {
  return process.platform !== 'win32' && (statSync(file).mode & 0o002) !== 0;
}

const forAll = (file: string) => `every user of this machine may change ${file}`;

const createKey = (file: string | undefined) =>
  `neptune-ops keys create --name me --scopes read --file ${file ?? 'keys.json'}`;

/** The limit of findings about schedules; `schedules check` shows all. */
const mostFindings = 5;

export function checkSchedules(into: Chapter, config: Config): void {
  const file = config.NEPTUNE_OPS_SCHEDULES_FILE;
  if (file === undefined) return into.untried('schedules', 'NEPTUNE_OPS_SCHEDULES_FILE is not set: there are none');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const says = `${file} can't be read: ${(error as NodeJS.ErrnoException).code}`;
    return into.wrong('schedules', says, 'Put the file there, or take NEPTUNE_OPS_SCHEDULES_FILE out.');
  }
  if (isForAllToWrite(file)) into.wrong('schedules', forAll(file), `chmod o-w ${file}`);
  const { plan, findings } = readPlan(text, config);
  const errors = findings.filter(({ level }) => level === 'error');
  if (plan && errors.length === 0) {
    const warnings = findings.length > 0 ? `, with ${findings.length} warnings: neptune-ops schedules check` : '';
    return into.fine('schedules', `${plan.schedules.length} in ${file}${warnings}`);
  }
  for (const line of findingLines(file, errors.slice(0, mostFindings)))
    into.wrong('schedules', line, `neptune-ops schedules check ${file}`);
}
