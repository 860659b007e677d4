// Reads a schedule with `cron`. Its input is validated by its operation when the file is read, so that a mistake shows
// then and not when the schedule fires.
import { operationNames, operationOf } from '../../handlers/index.ts';
import type { JsonObject, Operation } from '../../operation.ts';
import { fillPlaceholders, placeholderPattern, placeholders } from '../calendar/cron-input.ts';
import { whyNotCron } from '../calendar/cron.ts';
import { type Context, nearest } from './findings.ts';
import type { CronEntry } from './entry-schema.ts';
import { type CronSchedule, type Selection, type ResourceKind, resourceKinds } from '../schedule.ts';
import { selectionsOf, whyNotTarget } from './selections.ts';
import type { Path } from './yaml-positions.ts';

/** The input field that names the resource; filled in when `applies` is given. */
const identifierFields = { 'db-cluster': 'dbClusterIdentifier', graph: 'graphIdentifier' } as const;

/** Reads one entry. Adds everything that is wrong with it to the context's findings. */
export function readCron(name: string, entry: CronEntry, path: Path, timeZone: string, context: Context): CronSchedule {
  const { findings, targets } = context;
  const trouble = whyNotCron(entry.cron);
  if (trouble) {
    findings.error([...path, 'cron'], `“${entry.cron}” ${trouble} Example, half past two every night: "30 2 * * *"`);
  }
  const operation = operationOf(entry.operation);
  if (operation === undefined) {
    const meant = nearest(entry.operation, operationNames);
    const help = `${meant ? `Did you mean “${meant}”? ` : ''}There are: ${operationNames.join(', ')}.`;
    findings.error([...path, 'operation'], `There is no operation “${entry.operation}”. ${help}`);
  }
  const names = targets.targets.map(({ name }) => name);
  if (entry.target !== undefined && entry.applies !== undefined) {
    findings.errorAtKey([...path, 'target'], 'With applies, the target stands in its entries. Move it there.');
  } else if (entry.target !== undefined && !names.includes(entry.target)) {
    findings.error([...path, 'target'], whyNotTarget(entry.target, names));
  }
  const kind = operation && kindOf(operation as Operation);
  const kinds: readonly ResourceKind[] = kind ? [kind] : resourceKinds;
  const schedule: CronSchedule = {
    kind: 'cron',
    name,
    ...(entry.description === undefined ? {} : { description: entry.description }),
    timeZone,
    cron: entry.cron,
    operation: entry.operation,
    ...(entry.target === undefined ? {} : { target: entry.target }),
    input: (entry.input ?? {}) as JsonObject,
    applies: entry.applies === undefined ? [] : selectionsOf(entry.applies, [...path, 'applies'], context, kinds),
    place: findings.yaml.keyPlaceOf(path),
  };
  if (operation) checkInput(schedule, operation as Operation, kind, entry, path, context);
  return schedule;
}

function kindOf(operation: Operation): ResourceKind | undefined {
  const resource = operation.resource(operation.example);
  return resourceKinds.find((kind) => resource.startsWith(`${kind}/`));
}

function checkInput(
  schedule: CronSchedule,
  operation: Operation,
  kind: ResourceKind | undefined,
  { applies, input }: CronEntry,
  path: Path,
  { findings, now }: Context,
): void {
  const inputPath = [...path, 'input'];
  const isOnEach = applies !== undefined;
  if (isOnEach && kind === undefined) {
    const message = `${operation.name} acts on neither clusters nor graphs. Take applies out, and name the resource in input.`;
    findings.errorAtKey([...path, 'applies'], message);
    return;
  }
  if (isOnEach && operation.destructive === 'erases' && !refuseErasing(schedule, operation, path, findings)) return;
  const field = kind && identifierFields[kind];
  if (isOnEach && field && Object.hasOwn(schedule.input, field)) {
    findings.errorAtKey([...inputPath, field], `${field} is filled in from applies. Take one of the two out.`);
    return;
  }
  if (!checkPlaceholders(schedule.input, inputPath, isOnEach, findings)) return;
  if (operation.destructive === 'erases' && /\{/.test(String(schedule.input.confirm ?? ''))) {
    findings.error(
      [...inputPath, 'confirm'],
      'confirm repeats the identifier in plain letters: it is the proof that this very one is meant.',
    );
    return;
  }
  // `applies` was wrong, and its findings say so.
  if (isOnEach && schedule.applies.length === 0) return;
  for (const id of sampleIds(schedule.applies, operation, field)) {
    const filled = fillPlaceholders(schedule, now, id);
    const tried = operation.input.safeParse(field && isOnEach ? { ...filled, [field]: id } : filled, {
      reportInput: true,
    });
    if (tried.success) {
      const refusal = refusalOf(operation, tried.data, id, isOnEach);
      if (refusal) findings.error([...inputPath, 'confirm'], refusal);
      if (refusal) return;
      continue;
    }
    for (const issue of tried.error.issues) {
      const known = Object.keys(operation.example).filter((name) => !isOnEach || name !== field);
      const example = JSON.stringify(Object.fromEntries(known.map((name) => [name, operation.example[name]])));
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
      for (const key of keys) {
        const meant = nearest(key, known);
        const help = `${meant ? `Did you mean “${meant}”? ` : ''}The fields are ${known.join(', ')}.`;
        findings.errorAtKey([...inputPath, ...issue.path, key], `${operation.name} has no field “${key}”. ${help}`);
      }
      if (keys.length > 0) continue;
      const missing = issue.input === undefined && issue.code === 'invalid_type';
      const where = issue.path.join('.') || 'input';
      const rule = missing ? 'is missing' : `isn't right: ${issue.message.replace(/\.$/, '')}`;
      const at = input === undefined ? path : [...inputPath, ...issue.path];
      const message = `The input of ${operation.name}: ${where} ${rule}. Example: ${example}`;
      if (missing) findings.errorAtKey(input === undefined ? path : at.slice(0, -1), message);
      else findings.error(at, message);
    }
    return;
  }
}

/**
 * What a destructive operation requires beyond its input's shape. Whether the operator allows it is checked when it
 * runs.
 */
function refusalOf(
  operation: Operation,
  input: JsonObject,
  id: string | undefined,
  isOnEach: boolean,
): string | undefined {
  if (operation.destructive !== 'erases' || input.confirm === undefined) return undefined;
  const resource = operation.resource(input);
  const meant = isOnEach && id !== undefined ? id : resource.slice(resource.indexOf('/') + 1);
  if (String(input.confirm).toLowerCase() === meant.toLowerCase()) return undefined;
  return `confirm is “${String(input.confirm)}”, but the operation would erase “${meant}”. Give each its own schedule, with its own confirm.`;
}

/** A destructive operation needs the full name of each resource. */
function refuseErasing(
  schedule: CronSchedule,
  operation: Operation,
  path: Path,
  findings: Context['findings'],
): boolean {
  const wide = schedule.applies.find(({ pattern, tag }) => pattern.includes('*') || tag !== undefined);
  if (wide === undefined && new Set(schedule.applies.map(({ target }) => target)).size <= 1) return true;
  const message = `${operation.name} erases, so it takes no patterns, no tags and no second target. Name each in a schedule of its own, in its input, with confirm.`;
  findings.errorAtKey([...path, 'applies'], message);
  return false;
}

function checkPlaceholders(value: unknown, path: Path, isOnEach: boolean, findings: Context['findings']): boolean {
  if (typeof value === 'object' && value !== null) {
    const parts = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value);
    return parts.map(([key, inner]) => checkPlaceholders(inner, [...path, key], isOnEach, findings)).every(Boolean);
  }
  if (typeof value !== 'string') return true;
  for (const [whole, word = ''] of value.matchAll(placeholderPattern)) {
    if (word === 'id' && !isOnEach) {
      findings.error(
        path,
        '{id} is the identifier of a resource of applies, and there is no applies. Write the identifier itself.',
      );
      return false;
    }
    if ((placeholders as readonly string[]).includes(word)) continue;
    const meant = nearest(word, placeholders);
    findings.error(
      path,
      `There is no placeholder ${whole}.${meant ? ` Did you mean {${meant}}?` : ''} There are {date}, {time} and {id}.`,
    );
    return false;
  }
  return true;
}

/** Identifiers to validate an input with: the full names in `applies`, or else an example. */
function sampleIds(applies: readonly Selection[], operation: Operation, field?: string): (string | undefined)[] {
  if (field === undefined || applies.length === 0) return [undefined];
  const sample = String(operation.example[field]);
  const full = applies.map(({ kind, pattern }) => {
    // A graph that is selected by its name gets its id when the schedule fires.
    const isId = !pattern.includes('*') && (kind === 'db-cluster' || /^g-[a-z0-9]{10}$/.test(pattern));
    return isId ? pattern : sample;
  });
  return [...new Set(full)];
}
