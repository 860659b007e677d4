// `neptune-ops hold`: while a hold is on, no changing call starts. Reads go on.
import type { Command } from 'commander';
import { answer, answerJson, examples, wrap } from './output.ts';
import { transport } from './connection.ts';

interface Hold {
  /** A target's name, or `all`. */
  readonly target: string;
  readonly since: string;
  readonly by: string;
  readonly reason: string;
}

interface Options {
  readonly target?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

const path = '/v1/hold';

export function addHoldCommand(program: Command): void {
  const hold = program
    .command('hold')
    .description('Holds, the emergency brake: while one is on, nothing is changed.')
    .helpGroup('Running it:');
  const add = (name: string, description: string, example: string) =>
    hold
      .command(name)
      .description(description)
      .option('--json', 'as { "holds" } on standard output')
      .addHelpText('after', examples(`neptune-ops hold ${example}`));

  add('show', 'Which holds are on.', 'show').action((options: Options) => show(options));

  add('on', 'Put a hold on, for all targets or one.', 'on --reason "AWS incident" --target prod')
    .option('--target <name>', 'this target only (default: all)')
    .requiredOption('--reason <text>', 'why, for others to read')
    .action(async (options: Options) => {
      await transport()('PUT', path, { body: { target: options.target, reason: options.reason } });
      await show(options);
    });

  add('off', 'Take a hold off.', 'off --target prod')
    .option('--target <name>', 'the hold of this target (default: the one for all)')
    .action(async (options: Options) => {
      await transport()('DELETE', path, { query: { target: options.target } });
      await show(options);
    });
}

async function show({ json }: Options): Promise<void> {
  const { body } = await transport()<{ holds: readonly Hold[] }>('GET', path);
  if (json) return answerJson(body);
  if (body.holds.length === 0) answer('No hold is on.');
  for (const { target, since, by, reason } of body.holds) {
    answer(wrap(`hold on ${target === 'all' ? 'all targets' : target} since ${since}, by ${by}: ${reason}`, 2));
  }
}
