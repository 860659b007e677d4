// Prints for people and scripts: answers to standard output, everything else to standard error. Lines have at most 80
// columns.
import type { Job } from '../client/job.ts';
import { percentOf } from '../records/job-json.ts';
import type { DryRunAnswer } from '../queue/dry-run.ts';

export const width = 80;

/** Prints the answer. */
export function answer(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints one JSON object, alone on standard output. */
export function answerJson(value: unknown): void {
  answer(JSON.stringify(value, null, 2));
}

/** Prints progress, hints and errors to standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Removes control characters from foreign text, so that it can't control the terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}

/** Lines of at most 80 columns; all but the first are indented. */
export function wrap(text: string, indent = 0): string {
  const lines: string[] = [];
  let line = '';
  for (const word of plain(text).split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** The examples at the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

/** Names and values, one pair per line. Empty values are left out. */
export function fields(rows: Readonly<Record<string, string | undefined>>): string {
  const column = Math.max(...Object.keys(rows).map((name) => name.length)) + 2;
  return Object.entries(rows)
    .flatMap(([name, text]) => (text === undefined ? [] : [name.padEnd(column) + wrap(text, column)]))
    .join('\n');
}

/** `running (stopping, 40%)`: the job's state, then AWS's status. */
export function stateOf(job: Pick<Job, 'state' | 'status' | 'progress'> & { readonly outcome: unknown }): string {
  const { state, status, outcome } = job;
  const percent = percentOf(job);
  const aside = [status ?? undefined, percent === undefined || outcome ? undefined : `${percent}%`];
  const told = aside.filter((part) => part !== undefined).join(', ');
  return plain(told === '' ? state : `${state} (${told})`);
}

/** What there is to know of a job, without its input and result. */
export function summaryOf(job: Job): string {
  const { outcome, finishedAt, createdAt } = job;
  return fields({
    job: job.id,
    operation: job.operation,
    resource: job.resource,
    'asked by': job.by ?? undefined,
    state: stateOf(job),
    changed: outcome === null ? undefined : { true: 'yes', false: 'no', unknown: 'not known' }[String(outcome.changed)],
    code: outcome?.code,
    reason: outcome?.reason,
    created: createdAt,
    took: finishedAt === null ? undefined : seconds(Date.parse(finishedAt) - Date.parse(createdAt)),
    deadline: finishedAt === null ? job.deadline : undefined,
    event: job.event ?? undefined,
  });
}

/** The answer of a dry run. */
export function formatDryRun({ operation, resource, status, wouldCall, whyNot, actions }: DryRunAnswer): string {
  return fields({
    operation,
    resource,
    'state now': status,
    'would call': whyNot ? `nothing. ${whyNot}` : wouldCall.join(', ') || 'nothing: it only looks',
    'IAM actions': actions.join(', '),
  });
}

/** A duration in milliseconds, for people. */
export function seconds(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const whole = Math.round(milliseconds / 1_000);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}
