// Builds the command line: one command per operation, and the others.
import { Command } from 'commander';
import type { Operation } from '../operation.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { exitHelp } from './exit-codes.ts';
import { addHoldCommand } from './hold-command.ts';
import { addJobsCommand } from './jobs-command.ts';
import { addKeysCommand } from './keys-command.ts';
import { addKeepOnCommand } from './keep-on-command.ts';
import { answer, answerJson, examples, width, wrap } from './output.ts';
import { addSavingsCommand } from './savings-command.ts';
import { addSchedulesCommand } from './schedules-command.ts';
import { client } from './connection.ts';
import { operationList } from './operation-list.ts';
import { addStartCommands } from './start-commands.ts';
import { version } from '../version.ts';

const environmentHelp = `
Environment:
  NEPTUNE_OPS_URL      where the service is (default: http://127.0.0.1:3000)
  NEPTUNE_OPS_API_KEY  who you are
`;

const beginnings = [
  'neptune-ops stop-db-cluster --db-cluster-identifier dev-1 --wait',
  'neptune-ops jobs list --state running',
  'neptune-ops fast-reset --help',
];

/** What needs no registry of operations, which takes half of the time of the command. */
const light = [
  addJobsCommand,
  addOperationsCommand,
  addSchedulesCommand,
  addKeepOnCommand,
  addSavingsCommand,
  addHoldCommand,
  addDoctorCommand,
  addKeysCommand,
  addStartCommands,
];

/** Shows the overview or the version, for which the operations' names and summaries are enough. */
const overviews: readonly (string | undefined)[] = ['', '--help', '-h', '--version'];

/**
 * All commands. Where the `first` word of the line (empty: there is none) asks only for an overview, those of operations by name
 * alone; where it is another command, without them. Parsing rejects with a `CommanderError` instead of ending the process.
 */
export async function createProgram(first?: string): Promise<Command> {
  const program = new Command('neptune-ops')
    .description('Runs operations on Amazon Neptune, and follows them to their end.')
    .version(version, '--version', 'show which version this is')
    .exitOverride()
    // Narrower than commander's default, because the longest flag leaves little of 80 columns.
    .configureHelp({ helpWidth: width, minWidthToWrap: 20, subcommandTerm: termOf })
    .helpCommand(false)
    .configureOutput({ getErrHelpWidth: () => width, getOutHelpWidth: () => width })
    .showHelpAfterError('See --help.')
    .addHelpText('after', environmentHelp + exitHelp + examples(...beginnings));

  if (overviews.includes(first)) {
    for (const [name, summary] of operationList) program.command(name).description(summary).helpGroup('Operations:');
  } else if (first === undefined || !isLight(first)) {
    const { operations } = await import('../handlers/index.ts');
    const { addOperationCommand } = await import('./operation-command.ts');
    for (const operation of Object.values(operations)) addOperationCommand(program, operation as unknown as Operation);
  }
  for (const add of light) add(program);
  return program;
}

function isLight(word: string): boolean {
  const commands = new Command();
  for (const add of light) add(commands);
  return commands.commands.some((command) => command.name() === word);
}

/** Without the word `options`, which would be in every line. */
function termOf(command: Command): string {
  const shown = command.registeredArguments.map((part) => (part.required ? `<${part.name()}>` : `[${part.name()}]`));
  return [command.name(), ...shown].join(' ');
}

function addOperationsCommand(program: Command): void {
  program
    .command('operations')
    .description('What the service can do.')
    .helpGroup('Jobs:')
    .option('--json', 'as { "operations" } on standard output')
    .addHelpText('after', examples('neptune-ops operations'))
    .action(async ({ json }: { json?: boolean }) => {
      const known = await client().operations();
      if (json) return answerJson({ operations: known });
      for (const { name, summary } of known) answer(`${name}\n  ${wrap(summary, 2)}`);
    });
}
