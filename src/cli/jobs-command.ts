// `neptune-ops jobs`: lists, follows and cancels jobs.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { OperationName } from '../handlers/index.ts';
import { type JobState, jobStates } from '../records/job.ts';
import type { Job } from '../client/job.ts';
import { followJob } from './follow-job.ts';
import { readSeconds } from './operation-command.ts';
import { answer, answerJson, examples, note, plain, seconds, stateOf, summaryOf, wrap } from './output.ts';
import { client } from './connection.ts';

interface ListOptions {
  readonly operation?: OperationName;
  readonly state?: JobState;
  readonly resource?: string;
  readonly by?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly json?: boolean;
}

export function addJobsCommand(program: Command): void {
  const jobs = program.command('jobs').description('List, show, follow and cancel jobs.').helpGroup('Jobs:');

  jobs
    .command('list')
    .description('List jobs, newest first.')
    .option('--operation <name>', 'of this operation')
    .addOption(new Option('--state <state>', 'in this state').choices(jobStates))
    .option('--resource <name>', 'on this resource, with its target: default/db-cluster/dev-1')
    .option('--by <asker>', 'asked for by key:<id>, session:<key id>, schedule:<name> or loopback')
    .option('--since <time>', 'created then or later, like 2030-01-31T18:00:00Z')
    .option('--until <time>', 'created then or earlier')
    .option('--limit <number>', 'at most this many, 1 to 100 (default: 20)', readLimit)
    .option('--cursor <cursor>', 'continue an earlier list')
    .option('--json', 'as { "jobs", "nextCursor" } on standard output')
    .addHelpText('after', examples('neptune-ops jobs list --state running', 'neptune-ops jobs list --json'))
    .action(async ({ json, ...filter }: ListOptions) => {
      const page = await client().page(filter);
      if (json) return answerJson(page);
      for (const job of page.jobs) answer(entryOf(job));
      if (page.jobs.length === 0) note('No job fits.');
      if (page.nextCursor !== null) note(`There are more: --cursor '${page.nextCursor}'`);
    });

  jobs
    .command('show')
    .description('Show one job, with its input and its result.')
    .argument('<id>', 'the job')
    .option('--json', 'the job as JSON on standard output')
    .addHelpText('after', exampleWithId('show', ' --json'))
    .action(async (id: string, { json }: { json?: boolean }) => {
      const job = await client().get(id);
      if (json) return answerJson(job);
      answer(summaryOf(job));
      answer(`input   ${indented(job.input)}`);
      if (job.outcome?.result) answer(`result  ${indented(job.outcome.result)}`);
    });

  jobs
    .command('watch')
    .description('Follow a job to its end; the exit code says how it ended.')
    .argument('<id>', 'the job')
    .option('--timeout <seconds>', 'follow it at most this long', readSeconds)
    .option('--json', 'only the job as JSON on standard output')
    .addHelpText('after', exampleWithId('watch', ' --timeout 600'))
    .action(async (id: string, { timeout, json }: { timeout?: number; json?: boolean }) =>
      followJob(await client().get(id), { seconds: timeout, json }),
    );

  jobs
    .command('cancel')
    .description('Cancel a job. A change that AWS has begun goes on.')
    .argument('<id>', 'the job')
    .option('--json', 'the job as JSON on standard output')
    .addHelpText('after', exampleWithId('cancel', ''))
    .action(async (id: string, { json }: { json?: boolean }) => {
      const job = await client().cancel(id);
      if (json) return answerJson(job);
      answer(wrap(`${job.operation} ${job.resource}: to be cancelled, job ${job.id}`));
      note(`See it end: neptune-ops jobs watch ${job.id}`);
    });
}

function readLimit(text: string): number {
  if (!/^([1-9]\d?|100)$/.test(text)) throw new InvalidArgumentError('It is 1 to 100.');
  return Number(text);
}

function exampleWithId(command: string, more: string): string {
  return examples(`neptune-ops jobs ${command} 5f0c2d1e-8a4b-4c7d-9e2f-1a2b3c4d5e6f${more}`);
}

/** Two lines, because id and resource don't fit into one. */
function entryOf(job: Job): string {
  const ago = seconds(Date.now() - Date.parse(job.createdAt));
  const by = job.by ? `  by ${job.by}` : '';
  return `${job.id}  ${stateOf(job)}, ${ago} ago\n  ${plain(`${job.operation}  ${job.resource}${by}`)}`;
}

function indented(value: unknown): string {
  return plain(JSON.stringify(value, null, 2).replaceAll('\n', '\u2028')).replaceAll('\u2028', '\n        ');
}
