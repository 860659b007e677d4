// `neptune-ops schedules`: lists, previews, checks, pauses and resumes schedules.
import { type Command, InvalidArgumentError } from 'commander';
import type { PreviewAnswer } from '../api/schedules/schedule-preview.ts';
import type { PauseAnswer, ResourceAnswer, ScheduleAnswer, SchedulesAnswer } from '../api/schedules/schedule-answer.ts';
import { formatWallTime } from '../schedules/calendar/format-wall-time.ts';
import { exitCodes } from './exit-codes.ts';
import { answer, answerJson, examples, fields, note, plain, wrap } from './output.ts';
import { transport } from './connection.ts';
import { ownZone, parseTime } from './parse-time.ts';

interface Options {
  readonly json?: boolean;
  readonly target?: string[];
  readonly file?: string;
  readonly days?: number;
  readonly reason?: string;
  readonly until?: string;
}

const pathOf = (name: string) => `/v1/schedules/${encodeURIComponent(name)}`;

export function addSchedulesCommand(program: Command): void {
  const schedules = program
    .command('schedules')
    .description('When resources run and sleep: show, check, look ahead, pause.')
    .helpGroup('Schedules:');
  const add = (name: string, description: string, json: string, ...lines: readonly string[]) =>
    schedules
      .command(name)
      .description(description)
      .option('--json', `as ${json} on standard output`)
      .addHelpText('after', examples(...lines.map((line) => `neptune-ops schedules ${line}`)));

  add('list', 'All schedules, and what is odd about them.', '{ "file", "schedules" }', 'list').action(list);

  add('show', 'One schedule, with its resources and why each is as it is.', 'one object', 'show office-hours')
    .argument('<name>', 'the schedule')
    .action(show);

  add(
    'check',
    'Say what is wrong with a file; asks no service. Ends with 1 on errors.',
    '{ "findings" }',
    'check schedules.yaml',
    'check schedules.yaml --target prod --target staging',
  )
    .argument('<file>', 'the file of schedules')
    .option('--target <name>', 'a target there is; repeatable (default: all it names)', again)
    .action(check);

  add(
    'preview',
    'When it will run and sleep, or fire, by its own clock.',
    'one object',
    'preview office-hours --days 30',
    'preview office-hours --file schedules.yaml',
  )
    .argument('<name>', 'the schedule')
    .option('--file <file>', 'as this file says; asks no service')
    .option('--days <number>', 'how far to look ahead, 1 to 400 (default: 14)', readDays)
    .action(preview);

  add(
    'pause',
    'Leave its resources as they are, until it is resumed.',
    'the pause',
    'pause office-hours --reason "release weekend"',
    'pause nights --reason audit --until 2026-12-14T06:00',
  )
    .argument('<name>', 'the schedule')
    .requiredOption('--reason <text>', 'why, for others to read')
    .option('--until <time>', 'resumes by itself: 22:00, 3h or 2026-12-14T06:00')
    .action(pause);

  add('resume', 'Let a paused schedule go on.', '{ "resumed" }', 'resume office-hours')
    .argument('<name>', 'the schedule')
    .action(async (name: string, { json }: Options) => {
      await transport()('DELETE', `${pathOf(name)}/pause`);
      if (json) return answerJson({ resumed: name });
      answer(`${plain(name)} goes on.`);
    });
}

async function list({ json }: Options): Promise<void> {
  const { body } = await transport()<SchedulesAnswer>('GET', '/v1/schedules');
  if (json) return answerJson(body);
  const { broken, findings, loadedAt } = body.file;
  if (broken) note(wrap(`The file is broken; the one of ${loadedAt} stays in force:`));
  for (const finding of [...(broken ?? []), ...findings]) {
    note(wrap(`  line ${finding.line}:${finding.column}: ${finding.level}: ${finding.message}`, 4));
  }
  for (const trouble of body.troubles) note(wrap(trouble, 2));
  if (body.schedules.length === 0) note('There is no schedule.');
  for (const schedule of body.schedules) answer(entryOf(schedule));
}

function entryOf(schedule: ScheduleAnswer): string {
  const { name, says, timeZone, resources, pause, troubles } = schedule;
  const count = `${resources} ${resources === 1 ? 'resource' : 'resources'}`;
  return [
    plain(name),
    `  ${wrap(`${says}, ${timeZone}; ${count}; ${nextText(schedule)}`, 2)}`,
    ...(pause ? [`  ${wrap(pauseText(pause, timeZone), 2)}`] : []),
    ...troubles.map((trouble) => `  ${wrap(`odd: ${trouble}`, 4)}`),
  ].join('\n');
}

async function show(name: string, { json }: Options): Promise<void> {
  type Shown = ScheduleAnswer & { readonly resourceList: readonly ResourceAnswer[] };
  const { body } = await transport()<Shown>('GET', pathOf(name));
  if (json) return answerJson(body);
  const { description, says, timeZone, policy, applies, pause, troubles, resourceList } = body;
  answer(
    fields({
      schedule: body.name,
      for: description ?? undefined,
      says,
      zone: timeZone,
      next: nextText(body),
      policy: policy ?? undefined,
      applies: applies?.join(', '),
      paused: pause ? pauseText(pause, timeZone) : undefined,
      odd: troubles.length > 0 ? troubles.join('; ') : undefined,
    }),
  );
  for (const { resource, status, why, doing, should } of resourceList) {
    const wish = body.kind === 'cron' ? '' : `, ${should === 'left' ? 'left alone' : `should be ${should}`}: ${why}`;
    answer(`\n${plain(resource)}\n  ${wrap(`${status}${wish}`, 2)}`);
    if (doing !== null) answer(`  ${wrap(doing, 2)}`);
  }
}

async function check(file: string, { target, json }: Options): Promise<void> {
  const { linesOf, readFile } = await import('./schedules-file.ts');
  const { findings } = readFile(file, target);
  const errors = findings.filter(({ level }) => level === 'error').length;
  if (errors > 0) process.exitCode = exitCodes.failed;
  if (json) return answerJson({ findings });
  for (const line of linesOf(file, findings)) answer(plain(line));
  const warnings = findings.length - errors;
  note(
    errors > 0
      ? `${errors} of these must be put right.`
      : `${file} can be used${warnings > 0 ? ', but see above' : ''}.`,
  );
}

/** Loaded only here, because reading a file loads all operations. */
async function previewFromFile(name: string, file: string, days: number): Promise<PreviewAnswer> {
  const { planFrom, previewOf } = await import('./schedules-file.ts');
  return previewOf(planFrom(file), name, file, days);
}

async function preview(name: string, { file, days, json }: Options): Promise<void> {
  const query = { days };
  const body =
    file === undefined
      ? (await transport()<PreviewAnswer>('GET', `${pathOf(name)}/preview`, { query })).body
      : await previewFromFile(name, file, days ?? 14);
  if (json) return answerJson(body);
  const { spans, fires, more, timeZone } = body;
  note(`By the clock of ${plain(timeZone)}:`);
  if (fires?.length === 0) note('It does not fire in this time.');
  for (const { local } of fires ?? []) answer(local);
  if (more) note('And so on; not all are listed.');
  if (spans === null) return;
  answer('from                  to                    for');
  for (const { from, to, running } of spans) {
    const length = lengthText(Date.parse(to.at) - Date.parse(from.at));
    answer(`${from.local}  ${to.local}  ${length.padEnd(15)}  ${running ? 'running' : 'asleep'}`);
  }
}

async function pause(name: string, { reason, until, json }: Options): Promise<void> {
  const time = until === undefined ? {} : { until: new Date(parseTime(until, '--until')).toISOString() };
  const body = { reason, ...time };
  const paused = (await transport()<PauseAnswer>('PUT', `${pathOf(name)}/pause`, { body })).body;
  if (json) return answerJson(paused);
  answer(wrap(`${plain(name)}: ${pauseText(paused, ownZone())}`, 2));
  note(`Let it go on: neptune-ops schedules resume ${plain(name)}`);
}

function nextText({ kind, next, timeZone }: ScheduleAnswer): string {
  if (next === null) return 'nothing to come';
  const word = kind === 'cron' ? 'next' : next.running ? 'starts' : 'stops';
  return `${word} ${formatWallTime(Date.parse(next.at), timeZone)}`;
}

function pauseText({ until, by, reason }: PauseAnswer, timeZone: string): string {
  const end =
    until === null ? 'until it is resumed' : `until ${formatWallTime(Date.parse(until), timeZone)} (${timeZone})`;
  return `paused ${end}, by ${by}: ${reason}`;
}

/** `1 d 12 h`, from milliseconds. */
function lengthText(length: number): string {
  const minutes = Math.round(length / 60_000);
  const parts = [
    [Math.floor(minutes / 1_440), 'd'],
    [Math.floor(minutes / 60) % 24, 'h'],
    [minutes % 60, 'min'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : [])).join(' ') || '0 min';
}

function again(text: string, before: string[] = []): string[] {
  return [...before, text];
}

function readDays(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > 400)
    throw new InvalidArgumentError('It is 1 to 400.');
  return Number(text);
}
