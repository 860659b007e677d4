// `neptune-ops keep-on`: keeps a resource on for a while.
import type { Command } from 'commander';
import type { KeepOnAnswer, ResourceAnswer } from '../api/schedules/schedule-answer.ts';
import { formatWallTime } from '../schedules/calendar/format-wall-time.ts';
import { UsageError } from './exit-codes.ts';
import { answer, answerJson, examples, note, plain, wrap } from './output.ts';
import { transport } from './connection.ts';
import { ownZone, parseTime } from './parse-time.ts';

interface Options {
  readonly until?: string;
  readonly skipNextStop?: true;
  readonly end?: true;
  readonly reason?: string;
  readonly target?: string;
  readonly json?: boolean;
}

const path = '/v1/keep-on';

export function addKeepOnCommand(program: Command): void {
  program
    .command('keep-on')
    .description('Keep a resource on, against its schedule. Without one: list what is kept on.')
    .helpGroup('Schedules:')
    .argument('[identifier]', 'a cluster’s identifier, or a graph’s id or name')
    .option('--until <time>', 'the next 22:00 of your clock, 3h, or 2026-12-12T22:00')
    .option('--skip-next-stop', 'from the next stop to the start after it')
    .option('--end', 'end the keep-on')
    .option('--reason <text>', 'why, for others to read')
    .option('--target <name>', 'its target, if several have one of this name')
    .option('--json', 'as JSON on standard output')
    .addHelpText(
      'after',
      examples(
        'neptune-ops keep-on dev-1 --until 22:00 --reason "load test"',
        'neptune-ops keep-on dev-1 --skip-next-stop --reason "release night"',
        'neptune-ops keep-on dev-1 --end',
        'neptune-ops keep-on',
      ),
    )
    .action(async (identifier: string | undefined, options: Options) => {
      if (identifier === undefined) return list(options);
      const { until, skipNextStop, end, reason, json } = checked(options);
      const time =
        until === undefined ? { skipNextStop } : { until: new Date(parseTime(until, '--until')).toISOString() };
      const resource = await resourceOf(identifier, options);
      if (end) {
        await transport()('DELETE', path, { query: { resource } });
        if (json) return answerJson({ ended: resource });
        return answer(wrap(`${resource} is left to its schedule again.`));
      }
      const { body } = await transport()<KeepOnAnswer>('PUT', path, { body: { resource, reason, ...time } });
      if (json) return answerJson(body);
      answer(entryOf(body));
      note(`End it early: neptune-ops keep-on ${plain(identifier)} --end`);
    });
}

function checked(options: Options): Options {
  const { until, skipNextStop, end, reason } = options;
  if ([until, skipNextStop, end].filter((given) => given !== undefined).length !== 1) {
    throw new UsageError('Say one of --until <time>, --skip-next-stop and --end. See: neptune-ops keep-on --help');
  }
  if (end === undefined && reason === undefined) throw new UsageError('Say why: --reason <text>');
  return options;
}

async function list({ json, until, skipNextStop, end }: Options): Promise<void> {
  if (until ?? skipNextStop ?? end) throw new UsageError('Say which resource: neptune-ops keep-on dev-1 …');
  const { body } = await transport()<{ keepOns: readonly KeepOnAnswer[] }>('GET', path);
  if (json) return answerJson(body);
  if (body.keepOns.length === 0) answer('Nothing is kept on.');
  for (const lease of body.keepOns) answer(entryOf(lease));
}

function entryOf({ resource, since, from, until, by, reason }: KeepOnAnswer): string {
  const zone = ownZone();
  const at = (time: string) => formatWallTime(Date.parse(time), zone);
  const begin = from === since ? '' : `from ${at(from)} `;
  return wrap(`${resource} is kept on ${begin}until ${at(until)} (${zone}), by ${by}: ${reason}`, 2);
}

/**
 * The full name of a resource under schedules, from its identifier. A full name, `default/db-cluster/dev-1`, is
 * returned as it is.
 */
async function resourceOf(identifier: string, { target }: Options): Promise<string> {
  if (/^[^/]+\/[^/]+\/[^/]+$/.test(identifier)) return identifier;
  const query = { id: identifier, target };
  const { body } = await transport()<{ resources: readonly ResourceAnswer[] }>('GET', '/v1/scheduled-resources', {
    query,
  });
  const there = body.resources.filter(({ condition }) => condition !== 'gone');
  const [found, ...others] = there;
  if (found === undefined) {
    throw new UsageError(
      wrap(`No schedule means ${plain(identifier)}, or there is nothing of this name. See: neptune-ops schedules list`),
    );
  }
  if (others.length === 0) return found.resource;
  const names = there.map(({ resource }) => `  ${plain(resource)}`).join('\n');
  throw new UsageError(`There are several; say which by --target or its whole name:\n${names}`);
}
