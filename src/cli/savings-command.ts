// `neptune-ops savings`: prints savings as a table or as CSV.
import type { Command } from 'commander';
import type { SavedAnswer, SavingsAnswer } from '../api/schedules/savings-answer.ts';
import { savingsCsv } from '../api/schedules/savings-csv.ts';
import { UsageError } from './exit-codes.ts';
import { answer, answerJson, examples, fields, note, plain, wrap } from './output.ts';
import { transport } from './connection.ts';

interface Options {
  readonly month?: string;
  readonly csv?: true;
  readonly json?: boolean;
}

export function addSavingsCommand(program: Command): void {
  program
    .command('savings')
    .description('Hours asleep and money not spent, by resource.')
    .helpGroup('Schedules:')
    .option('--month <month>', 'a month of UTC, like 2026-11 (default: the present one)')
    .option('--csv', 'as CSV on standard output, for a spreadsheet')
    .option('--json', 'as JSON on standard output')
    .addHelpText('after', examples('neptune-ops savings', 'neptune-ops savings --month 2026-11 --csv > saved.csv'))
    .action(async ({ month, csv, json }: Options) => {
      if (csv && json) throw new UsageError('Say one of --csv and --json.');
      const { body } = await transport()<SavingsAnswer>('GET', '/v1/savings', { query: { month } });
      if (json) return answerJson(body);
      if (csv) {
        process.stdout.write(savingsCsv(body));
        return;
      }
      const { total, currency, rows } = body;
      answer(
        fields({
          from: body.from,
          to: body.to,
          asleep: `${hours(total.asleepHours)} of ${hours(known(total))}`,
          'not spent': rows.length > 0 ? moneyText(total, currency) : undefined,
          'not known': total.unknownHours > 0 ? `${hours(total.unknownHours)}, counted as not saved` : undefined,
          'no price': total.unknownPrices.length > 0 ? total.unknownPrices.join(', ') : undefined,
        }),
      );
      for (const row of rows) {
        const [asleep, all] = [hours(row.asleepHours), hours(known(row))];
        answer(
          `\n${plain(row.resource)}\n  ${wrap(`${row.schedule}: asleep ${asleep} of ${all}, ${moneyText(row, currency)}`, 2)}`,
        );
      }
      if (rows.length === 0) note('Nothing was seen under a schedule in this time.');
    });
}

function known({ asleepHours, awakeHours, movingHours, unknownHours }: SavedAnswer): number {
  return asleepHours + awakeHours + movingHours + unknownHours;
}

function hours(count: number): string {
  return `${count.toFixed(1)} h`;
}

function moneyText({ money }: SavedAnswer, currency: string | null): string {
  return money === null ? 'no price known' : `${money.toFixed(2)} ${currency ?? ''}`.trim();
}
