// Fills the placeholders in a cron schedule's input with the local date, the time and the resource's identifier.
import type { Json, JsonObject } from '../../operation.ts';
import type { CronSchedule } from '../schedule.ts';
import { wallAt, wallText } from './wall-clock.ts';

export const placeholders = ['date', 'time', 'id'] as const;
/** Matches everything that looks like a placeholder. */
export const placeholderPattern = /\{([A-Za-z][A-Za-z-]*)\}/g;

/** The input for a fire (milliseconds since 1970) on a resource. Without a resource, `{id}` stays as it is. */
export function fillPlaceholders(
  schedule: Pick<CronSchedule, 'input' | 'timeZone'>,
  fire: number,
  id?: string,
): JsonObject {
  const wall = wallText(wallAt(schedule.timeZone, fire));
  const words: Readonly<Record<string, string | undefined>> = {
    date: wall.slice(0, 10).replaceAll('-', ''),
    time: wall.slice(11).replace(':', ''),
    id,
  };
  const fill = (value: Json | undefined): Json | undefined => {
    if (typeof value === 'string') {
      return value.replaceAll(
        placeholderPattern,
        (whole, word: string) => (Object.hasOwn(words, word) ? words[word] : undefined) ?? whole,
      );
    }
    if (Array.isArray(value)) return value.map((item: Json) => fill(item) ?? null);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner as Json)]));
  };
  return fill(schedule.input) as JsonObject;
}
