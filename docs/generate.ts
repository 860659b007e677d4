// Writes the parts of the documents that come from the code: `npm run docs`. A test fails when they are out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { inventoryPermissions } from '../src/aws/inventory.ts';
import { activityPermissions } from '../src/aws/activity.ts';
import { stateDiagram, stateRows } from './state-machine.ts';
import { allowedImports } from '../checks/allowed-imports.ts';
import { settings } from '../src/settings.ts';
import { dashboard } from '../monitoring/dashboard.ts';
import { errorTable } from '../src/errors.ts';
import { operations } from '../src/handlers/index.ts';
import { type Definition, definitions } from '../src/metrics/definitions.ts';
import type { Operation, Refusal } from '../src/operation.ts';
import { phases } from '../src/records/job.ts';
import { schedulesSchema } from '../src/schedules/file/schedule-schema.ts';

const all = Object.values(operations) as unknown as Operation[];

/** Each generated part, by document and marker. */
export function parts(): Record<string, Record<string, string>> {
  return {
    'README.md': { operations: operationTable(), settings: settingTable() },
    'docs/architecture.md': {
      imports: importList(),
      'state-machine': stateDiagram(),
      transitions: table(['what happens', ...phases.map((phase) => `\`${phase}\``)], stateRows()),
    },
    'docs/iam.md': { policies: policies() },
    'docs/errors.md': { codes: errorCodes(), outcomes: outcomeCodes() },
    'docs/operations.md': { states: stateTables() },
    'docs/metrics.md': { metrics: metricTable() },
  };
}

/** The document with its generated parts brought up to date. */
export function update(text: string, generated: Record<string, string>): string {
  return Object.entries(generated).reduce((document, [marker, part]) => {
    const [begin, end] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
    const [from, to] = [document.indexOf(begin), document.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`A document has no ${begin} … ${end}.`);
    return `${document.slice(0, from + begin.length)}\n\n${part}\n\n${document.slice(to)}`;
  }, text);
}

function operationTable(): string {
  const rows = all.map(({ name, summary, destructive, timing }) => [
    `\`${name}\``,
    summary,
    destructive,
    duration(timing.deadline),
  ]);
  return table(['operation', 'what it does', 'destructive', 'ends by'], rows);
}

/** For the command's overview, which would take twice the time with the registry. */
function operationList(): string {
  const list = JSON.stringify(all.map(({ name, summary }) => [name, summary]));
  return `// Made by \`npm run docs\` from the registry of operations: name and summary of each.\nexport const operationList = ${list} as const;\n`;
}

function settingTable(): string {
  return table(
    ['setting', 'meaning'],
    Object.entries(settings).map(([name, { meaning, example }]) => [
      `\`${name}\``,
      `${meaning} Example: \`${example}\``,
    ]),
  );
}

function importList(): string {
  const names = (list: readonly string[]) => list.map((name) => `\`${name}\``).join(', ');
  return allowedImports
    .map(({ of, holds, imports, dynamically = [] }) => {
      const late = dynamically.length > 0 ? `; by \`import()\` only ${names(dynamically)}` : '';
      return `- ${names(of)}: ${holds}.\n  Imports ${names(imports) || 'nothing'}${late}.`;
    })
    .join('\n');
}

function policies(): string {
  const looking = {
    name: 'schedules: looking, beside what they start and stop',
    permissions: { ...inventoryPermissions, ...activityPermissions },
  };
  return [...all, looking]
    .map((each) => `## ${each.name}\n\n\`\`\`json\n${JSON.stringify(policyOf(each), null, 2)}\n\`\`\``)
    .join('\n\n');
}

function policyOf({ permissions }: Pick<Operation, 'permissions'>) {
  const byResource = new Map<string, string[]>();
  for (const [action, arns] of Object.entries(permissions)) {
    const key = JSON.stringify(arns);
    byResource.set(key, [...(byResource.get(key) ?? []), action]);
  }
  const Statement = [...byResource].map(([key, Action]) => ({
    Effect: 'Allow',
    Action,
    Resource: JSON.parse(key) as string[],
  }));
  return { Version: '2012-10-17', Statement };
}

function errorCodes(): string {
  return table(
    ['code', 'status', 'meaning'],
    Object.entries(errorTable).map(([code, { status, title }]) => [`\`${code}\``, String(status), title]),
  );
}

/** The stable codes with which an operation can fail, from its declaration. */
function outcomeCodes(): string {
  const rows = all.flatMap((operation) =>
    refusalsOf(operation).map(({ code, reason }) => [`\`${operation.name}\``, `\`${code}\``, reason]),
  );
  return table(['operation', 'code', 'meaning'], rows);
}

function refusalsOf(operation: Operation): Refusal[] {
  const unfound = operation.kind === 'watch' ? [] : [operation.unfound];
  const declared = [...Object.values(operation.states), ...Object.values(operation.faults), ...unfound];
  return declared.filter((part): part is Refusal => typeof part === 'object');
}

function stateTables(): string {
  return all
    .map(({ name, states }) => {
      const rows = Object.entries(states).map(([status, meaning]) => [
        `\`${status}\``,
        typeof meaning === 'string' ? meaning : `failed: \`${meaning.code}\``,
      ]);
      return `## ${name}\n\n${table(['AWS says', 'to the job it means'], rows)}`;
    })
    .join('\n\n');
}

function metricTable(): string {
  const rows = (Object.entries(definitions) as [string, Definition][]).map(([name, { type, labels, of, help }]) => [
    `\`${name}\``,
    type,
    Object.keys(labels)
      .map((label) => `\`${label}\``)
      .join(', '),
    of,
    help,
  ]);
  return table(['metric', 'kind', 'labels', 'of', 'meaning'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function duration(milliseconds: number): string {
  const hours = milliseconds / 3_600_000;
  if (hours >= 48) return `${hours / 24} days`;
  return hours >= 1 ? `${hours} h` : `${milliseconds / 60_000} min`;
}

if (import.meta.url === `file://${process.argv[1]}`) {
  for (const [file, generated] of Object.entries(parts()))
    writeFileSync(file, update(readFileSync(file, 'utf8'), generated));
  writeFileSync('src/cli/operation-list.ts', operationList());
  writeFileSync('docs/schedules.schema.json', JSON.stringify(schedulesSchema()));
  writeFileSync('monitoring/grafana-dashboard.json', JSON.stringify(dashboard()));
}
