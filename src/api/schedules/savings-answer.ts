// Savings as the API returns them: hours with three decimals, money with four, times in ISO 8601.
import type { Saved, Savings } from '../../schedules/report/savings.ts';

export interface SavedAnswer extends Omit<Saved, 'money'> {
  /** Null if a price is unknown. Totals add up the rows with known prices. */
  readonly money: number | null;
}

export interface SavingsAnswer {
  readonly from: string;
  readonly to: string;
  readonly currency: string | null;
  readonly rows: readonly (SavedAnswer & {
    readonly resource: string;
    readonly name: string;
    readonly schedule: string;
  })[];
  readonly total: SavedAnswer;
  /** By day of UTC. */
  readonly days: readonly (SavedAnswer & { readonly date: string })[];
}

export function savingsAnswer({ from, to, currency, rows, total, days }: Savings): SavingsAnswer {
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    currency: currency ?? null,
    rows: rows.map(({ resource, name, schedule, ...saved }) => ({ resource, name, schedule, ...savedAnswer(saved) })),
    total: savedAnswer(total),
    days: days.map(({ at, ...saved }) => ({ date: new Date(at).toISOString().slice(0, 10), ...savedAnswer(saved) })),
  };
}

function savedAnswer(saved: Saved): SavedAnswer {
  const { asleepHours, awakeHours, movingHours, unknownHours, instanceHours, memoryHours, money, unknownPrices } =
    saved;
  return {
    asleepHours: rounded(asleepHours),
    awakeHours: rounded(awakeHours),
    movingHours: rounded(movingHours),
    unknownHours: rounded(unknownHours),
    instanceHours: Object.fromEntries(Object.entries(instanceHours).map(([name, hours]) => [name, rounded(hours)])),
    memoryHours: rounded(memoryHours),
    money: money === undefined ? null : rounded(money, 4),
    unknownPrices,
  };
}

function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}
