// The commands that start the service, alone or with the emulator. They run until the process ends.
import { type Command, Argument } from 'commander';
import { examples } from './output.ts';

export function addStartCommands(program: Command): void {
  program
    .command('start')
    .description('Start the service, or one part of it; its settings come from the environment.')
    .addArgument(new Argument('[part]', 'only this part; takes REDIS_URL').choices(['api', 'worker']))
    .helpGroup('Running it:')
    .addHelpText('after', examples('neptune-ops start', 'neptune-ops start worker'))
    .action(async (part?: string) => {
      process.argv.splice(2, Infinity, ...(part === undefined ? [] : [part]));
      await import('../main.ts');
    });

  program
    .command('local')
    .description('The service with an emulator of AWS, to try things. PORT=3000.')
    .helpGroup('Running it:')
    .addHelpText('after', examples('PORT=3001 neptune-ops local'))
    .action(async () => {
      await import('../../demo/local.ts');
    });

  program
    .command('demo')
    .description('Run every operation once, with an emulator of AWS.')
    .helpGroup('Running it:')
    .addHelpText('after', examples('neptune-ops demo'))
    .action(async () => {
      await import('../../demo/demo.ts');
    });
}
