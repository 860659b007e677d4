// Builds the command line: one command per operation, and the others.
import { Command } from 'commander';
import { addDoctorCommand } from './doctor-command.ts';
import { exitHelp } from './exit-codes.ts';
import { addHoldCommand } from './hold-command.ts';
import { addJobsCommand } from './jobs-command.ts';
import { addKeepOnCommand } from './keep-on-command.ts';
import { answer, answerJson, examples, width, wrap } from './output.ts';
import { addSavingsCommand } from './savings-command.ts';
import { addSchedulesCommand } from './schedules-command.ts';
import { client } from './connection.ts';
import { addStartCommands } from './start-commands.ts';

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

/** Commands that need no operations, and so don't load AWS's SDK, which takes most of the start-up time. */
const light = [
  addJobsCommand,
  addOperationsCommand,
  addSchedulesCommand,
  addKeepOnCommand,
  addSavingsCommand,
  addHoldCommand,
  addDoctorCommand,
  addStartCommands,
];

/**
 * All commands. If the first word of the line is one of `light`, the others are left out. Parsing rejects with a
 * `CommanderError` instead of ending the process.
 */
export async function createProgram(first?: string): Promise<Command> {
  const program = new Command('neptune-ops')
    .description('Runs operations on Amazon Neptune, and follows them to their end.')
    .exitOverride()
    // Narrower than commander's default, because the longest flag leaves little of 80 columns.
    .configureHelp({ helpWidth: width, minWidthToWrap: 20, subcommandTerm: termOf })
    .helpCommand(false)
    .configureOutput({ getErrHelpWidth: () => width, getOutHelpWidth: () => width })
    .showHelpAfterError('See --help.')
    .addHelpText('after', environmentHelp + exitHelp + examples(...beginnings));

  if (first === undefined || !isLight(first)) {
    const { addRegistryCommands } = await import('./registry-commands.ts');
    addRegistryCommands(program);
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
