// Makes one command per operation, with flags from its input schema and an example from its own.
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { OperationName } from '../handlers/index.ts';
import type { Job } from '../client/job.ts';
import type { JsonObject, Operation } from '../operation.ts';
import { formatIssue } from '../format-issue.ts';
import type { DryRunAnswer } from '../queue/dry-run.ts';
import { UsageError } from './exit-codes.ts';
import { type Flag, asFlags, flagsOf, givenFields, nameOf } from './flags.ts';
import { followJob } from './follow-job.ts';
import { answer, answerJson, formatDryRun, examples, note, width, wrap } from './output.ts';
import { client, transport } from './connection.ts';

interface Options extends Record<string, unknown> {
  readonly input?: string;
  readonly target?: string;
  readonly onBusy?: 'refuse' | 'wait';
  readonly deadline?: string;
  readonly idempotencyKey?: string;
  readonly wait?: number | true;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addOperationCommand(program: Command, operation: Operation): void {
  const flags = flagsOf(operation);
  const command = program.command(operation.name).description(operation.summary).helpGroup('Operations:');
  command.optionsGroup('Input:');
  for (const { option } of flags) command.addOption(option);
  command.option('--input <file>', 'the input as JSON from a file, or - for standard input; flags override it');
  command.optionsGroup('Options:');
  command
    .option('--target <name>', 'the target to work in (default: default)')
    .addOption(new Option('--on-busy <what>', 'while another job has the resource').choices(['refuse', 'wait']))
    .option('--deadline <time>', 'the job ends by then, like 2030-01-31T18:00:00Z')
    .option('--idempotency-key <key>', 'equal requests with one key give one job')
    .option('--wait [seconds]', 'wait for its end, at most this long', readSeconds)
    .addOption(new Option('--dry-run', 'only look, and say what would be asked of AWS').conflicts('wait'))
    .option('--json', 'only the answer as JSON on standard output')
    .addHelpText('after', () => examplesOf(operation, flags))
    .action(async (options: Options) => {
      const input = readInput(operation, flags, options);
      const { target, onBusy, deadline, idempotencyKey, wait, dryRun, json } = options;
      if (dryRun) return lookOnly(operation, input, options);
      const more = { target, onBusy, deadline, idempotencyKey };
      const job: Job = await client().enqueue(operation.name as OperationName, input as never, more);
      if (wait !== undefined) return followJob(job, { seconds: wait === true ? undefined : wait, json });
      if (json) return answerJson(job);
      answer(wrap(`${job.operation} ${job.resource}: ${job.state}, job ${job.id}`));
      note(`Follow it: neptune-ops jobs watch ${job.id}`);
    });
}

/** Always over HTTP, because the client for Redis can't ask AWS. */
async function lookOnly({ name }: Operation, input: JsonObject, options: Options): Promise<void> {
  const { target, onBusy, deadline, json } = options;
  const query = { target, 'on-busy': onBusy, deadline, 'dry-run': 'true' };
  const { body } = await transport()<DryRunAnswer>('POST', `/v1/operations/${name}`, { query, body: input });
  if (json) answerJson(body);
  else answer(formatDryRun(body));
}

/** A positive number of seconds. */
export function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError('It is a number of seconds.');
  return seconds;
}

/** The input, validated by the operation's own schema before any request is sent. */
function readInput(operation: Operation, flags: readonly Flag[], options: Options): JsonObject {
  const input = { ...(options.input === undefined ? {} : readFile(options.input)), ...givenFields(flags, options) };
  const parsed = operation.input.safeParse(input, { error: formatIssue });
  if (parsed.success) return input;
  const problems = parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return [`there is no field ${issue.keys.join(', ')}`];
    const [field] = issue.path;
    const name = typeof field === 'string' ? nameOf(field) : 'the input';
    const missing = typeof field === 'string' && input[field] === undefined;
    return [`${name} ${missing ? 'is missing' : `is not right: ${issue.message}`}`];
  });
  const lines = problems.map((problem) => `  ${wrap(problem, 4)}`).join('\n');
  throw new UsageError(`The input is not right:\n${lines}\nSee: neptune-ops ${operation.name} --help`);
}

function readFile(path: string): JsonObject {
  let input: unknown;
  try {
    input = JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError(code ? `--input ${path} can’t be read: ${code}` : `--input ${path} is not JSON.`);
  }
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as JsonObject;
  throw new UsageError(`--input ${path} holds no JSON object.`);
}

function examplesOf({ name, example }: Operation, flags: readonly Flag[]): string {
  const typed = (last: string) => broken([`neptune-ops ${name}`, ...asFlags(flags, example), last]);
  return examples(typed('--wait'), typed('--dry-run'), `neptune-ops ${name} --input input.json --json`);
}

/** Breaks a command line that is wider than a terminal. */
function broken(parts: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    if (line !== '' && line.length + part.length > width - 5) {
      lines.push(`${line} \\`);
      line = `    ${part}`;
    } else line = line === '' ? part : `${line} ${part}`;
  }
  return [...lines, line].join('\n');
}
