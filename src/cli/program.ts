// The command line put together: a command an operation, and what is needed around them.
import { Command } from 'commander';
import { operations } from '../handlers/index.ts';
import type { Operation } from '../operation.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { exitHelp } from './exit-codes.ts';
import { addHoldCommand } from './hold-command.ts';
import { addJobsCommand } from './jobs-command.ts';
import { addKeepOnCommand } from './keep-on-command.ts';
import { addKeysCommand } from './keys-command.ts';
import { addOperationCommand } from './operation-command.ts';
import { answer, answerJson, examples, width, wrap } from './output.ts';
import { addSavingsCommand } from './savings-command.ts';
import { addSchedulesCommand } from './schedules-command.ts';
import { client } from './session.ts';
import { addStartCommands } from './start-commands.ts';

const environmentHelp = `
Environment:
  NEPTUNE_OPS_URL      where the service is (default: http://127.0.0.1:3000)
  NEPTUNE_OPS_API_KEY  who you are
`;

const first = [
  'neptune-ops stop-db-cluster --db-cluster-identifier dev-1 --wait',
  'neptune-ops jobs list --state running',
  'neptune-ops fast-reset --help',
];

/** All commands. Parsing rejects with a `CommanderError` instead of ending the process. */
export function createProgram(): Command {
  const program = new Command('neptune-ops')
    .description('Runs operations on Amazon Neptune, and follows them to their end.')
    .exitOverride()
    // Narrower than commander wraps by itself: beside the longest flag little is left of 80 columns.
    .configureHelp({ helpWidth: width, minWidthToWrap: 20, subcommandTerm: termOf })
    .helpCommand(false)
    .configureOutput({ getErrHelpWidth: () => width, getOutHelpWidth: () => width })
    .showHelpAfterError('See --help.')
    .addHelpText('after', environmentHelp + exitHelp + examples(...first));

  for (const operation of Object.values(operations)) addOperationCommand(program, operation as unknown as Operation);
  addJobsCommand(program);
  addOperationsCommand(program);
  addSchedulesCommand(program);
  addKeepOnCommand(program);
  addSavingsCommand(program);
  addKeysCommand(program);
  addHoldCommand(program);
  addDoctorCommand(program);
  addStartCommands(program);
  return program;
}

/** Without the word `options`, which every command has. */
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
