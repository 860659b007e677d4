// Savings as CSV (RFC 4180), for spreadsheets. No cell becomes a formula there.
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
    row.money ?? '',
    currency ?? '',
    row.unknownPrices.join('; '),
  ]);
  return [head, ...lines].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  // Numbers are computed here and never negative. A text that begins like a formula gets a leading apostrophe.
  const text = typeof value === 'string' && /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
