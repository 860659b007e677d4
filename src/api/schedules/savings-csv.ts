// What was saved as CSV (RFC 4180), for spreadsheets. No cell may become a formula there.
import { stringify } from 'csv-stringify/sync';
import type { SavingsAnswer } from './savings-answer.ts';

const head = [
  'resource',
  'name',
  'schedule',
  'from',
  'to',
  'asleep_hours',
  'awake_hours',
  'moving_hours',
  'unknown_hours',
  'instance_hours',
  'memory_gb_hours',
  'money',
  'currency',
  'unknown_prices',
];

/** A header row, then one row per resource and schedule. */
export function savingsCsv({ from, to, currency, rows }: SavingsAnswer): string {
  const lines = rows.map((row) => [
    row.resource,
    row.name,
    row.schedule,
    from,
    to,
    row.asleepHours,
    row.awakeHours,
    row.movingHours,
    row.unknownHours,
    Object.entries(row.instanceHours)
      .map(([name, hours]) => `${name}=${hours}`)
      .join('; '),
    row.memoryHours,
    row.money,
    currency,
    row.unknownPrices.join('; '),
  ]);
  // By itself the library quotes the line break of its own delimiter only; a lone one would begin a line, and a formula with it.
  return stringify([head, ...lines], { record_delimiter: 'windows', escape_formulas: true, quoted_match: /[\r\n]/ });
}
