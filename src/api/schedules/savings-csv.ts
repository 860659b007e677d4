// What was saved as CSV (RFC 4180), for spreadsheets. No cell may become a formula there.
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

/** A row for each resource and schedule, under a row of names. */
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
    row.money ?? '',
    currency ?? '',
    row.unknownPrices.join('; '),
  ]);
  return [head, ...lines].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  // Numbers are ours and never negative; a text that begins like a formula is shown as a text.
  const text = typeof value === 'string' && /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
