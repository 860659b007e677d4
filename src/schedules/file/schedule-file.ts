// Reads the text of a schedules file into a plan. Mistakes are findings with line and column, never exceptions. A file
// with one error gives no plan, so that a half-right file changes nothing.
import { conflictsOf } from './conflicts.ts';
import { readCron } from './cron-entry.ts';
import { isDate, whyNotZone } from './parse-values.ts';
import { type Context, type KnownTargets, Findings } from './findings.ts';
import { noSuchDate, readRunning } from './running-entry.ts';
import { cronEntry, runningEntry } from './entry-schema.ts';
import { mostSchedules, shell } from './schedule-schema.ts';
import type { FileFinding, Prices, Schedule, SchedulePlan } from '../schedule.ts';
import { readYaml } from './yaml-positions.ts';

export type { KnownTargets } from './findings.ts';

/** Bytes. */
export const largestFile = 1_048_576;

/** Patterns with `*` in one file, at most. */
const mostPatterns = 1_000;
/** Names and patterns in one file, at most, where `target: "*"` counts for every target. */
const mostSelections = 10_000;

export interface ReadPlan {
  /** Absent when a finding is an error. */
  readonly plan?: SchedulePlan;
  /** In the order of the file. */
  readonly findings: readonly FileFinding[];
}

/** Reads the text of a file. `now` is in milliseconds since 1970. */
export function readPlan(text: string, targets: KnownTargets, now: number = Date.now()): ReadPlan {
  const size = Buffer.byteLength(text);
  if (size > largestFile) {
    const message = `The file has ${(size / 1_048_576).toFixed(1)} MB; it may have 1 MB. Use patterns or tags in place of long lists.`;
    return { findings: [{ level: 'error', line: 1, column: 1, path: '', message }] };
  }
  const yaml = readYaml(text);
  const findings = new Findings(yaml);
  const plan = yaml.value === undefined ? undefined : planOf(yaml.value, { findings, targets, now, holidays: {} });
  return { ...(plan && !findings.hasErrors ? { plan } : {}), findings: findings.list() };
}

function planOf(value: unknown, start: Context): SchedulePlan | undefined {
  const { findings } = start;
  // An empty file is an error, because it may be one that is just being written.
  const file = findings.shaped(shell, value ?? undefined, []);
  if (value === null || typeof value !== 'object') return undefined;
  // Every schedule is read, even when the file around them has errors.
  const raw = (value as { schedules?: unknown }).schedules ?? {};
  const entries = typeof raw === 'object' && !Array.isArray(raw) ? Object.entries(raw as Record<string, unknown>) : [];
  if (entries.length > mostSchedules) {
    const message = `There are ${entries.length} schedules; a file has at most ${mostSchedules}. Let one schedule apply to more resources.`;
    findings.errorAtKey(['schedules'], message);
    return undefined;
  }
  const zone = zoneOf((value as { timeZone?: unknown }).timeZone, ['timeZone'], start);
  const context: Context = { ...start, holidays: holidaysOf((value as { holidays?: unknown }).holidays, start) };
  const schedules = entries.flatMap(([name, entry]) => scheduleOf(name, entry, zone, context) ?? []);
  if (isTooMuch(schedules, findings)) return undefined;
  const running = schedules.filter((schedule) => schedule.kind === 'running');
  for (const finding of conflictsOf(running)) findings.add(finding);
  if (file === undefined) return undefined;
  return { schedules, ...(file.prices ? { prices: pricesOf(file.prices) } : {}) };
}

/** Every pattern is compared with every name here, and with every resource at each tick. */
function isTooMuch(schedules: readonly Schedule[], findings: Findings): boolean {
  const selections = schedules.flatMap(({ applies }) => applies);
  const places = new Set(
    selections.flatMap(({ pattern, place }) => (pattern.includes('*') ? [`${place.line}:${place.column}`] : [])),
  );
  if (places.size > mostPatterns) {
    const message = `There are ${places.size} patterns with *; a file has at most ${mostPatterns}. Let one pattern or a tag mean more resources.`;
    findings.errorAtKey(['schedules'], message);
  } else if (selections.length > mostSelections) {
    const message = `The schedules name ${selections.length} resources and patterns, each counted once for every target; a file has at most ${mostSelections}. Use patterns or tags.`;
    findings.errorAtKey(['schedules'], message);
  } else return false;
  return true;
}

function holidaysOf(raw: unknown, { findings }: Context): Context['holidays'] {
  const shaped = shell.shape.holidays.safeParse(raw);
  // The schema has reported the wrong lists. Their names stay known.
  if (!shaped.success) return Object.fromEntries(Object.keys(raw ?? {}).map((name) => [name, []]));
  for (const [name, dates] of Object.entries(shaped.data ?? {})) {
    for (const [index, date] of dates.entries()) {
      if (!isDate(date)) findings.error(['holidays', name, index], noSuchDate(date));
    }
  }
  return shaped.data ?? {};
}

function scheduleOf(name: string, entry: unknown, zone: string | undefined, context: Context): Schedule | undefined {
  const { findings } = context;
  const path = ['schedules', name];
  const keys: Record<string, unknown> = typeof entry === 'object' && entry !== null ? { ...entry } : {};
  if ('cron' in keys && 'running' in keys) {
    const message =
      'A schedule has either running (when resources run) or cron (an operation now and then). Make two of it.';
    findings.errorAtKey([...path, 'cron'], message);
    return undefined;
  }
  const isCron = 'cron' in keys || ('operation' in keys && !('running' in keys));
  const own = zoneOf(keys.timeZone, [...path, 'timeZone'], context);
  const timeZone = keys.timeZone === undefined ? zone : own;
  if (timeZone === undefined && keys.timeZone === undefined && !context.findings.mentions('timeZone')) {
    const message = `timeZone is missing, here and at the top of the file. Example: timeZone: Europe/Berlin`;
    findings.errorAtKey(path, message);
  }
  // The wrong zone is reported. The rest is read in UTC to find further mistakes.
  const known = timeZone ?? 'UTC';
  if (isCron) {
    const shaped = findings.shaped(cronEntry, entry, path);
    return shaped && readCron(name, shaped, path, known, context);
  }
  const shaped = findings.shaped(runningEntry, entry, path);
  return shaped && readRunning(name, shaped, path, known, context);
}

/** A zone that exists. The schema reports a value that isn't text. */
function zoneOf(zone: unknown, path: readonly string[], { findings }: Context): string | undefined {
  if (typeof zone !== 'string') return undefined;
  const trouble = whyNotZone(zone);
  if (trouble) findings.error(path, trouble);
  return trouble ? undefined : zone;
}

function pricesOf(prices: NonNullable<ReturnType<typeof shell.parse>['prices']>): Prices {
  const { currency, instances = {}, 'graph-memory': graphMemory } = prices;
  return { currency, instances, ...(graphMemory === undefined ? {} : { graphMemory }) };
}
