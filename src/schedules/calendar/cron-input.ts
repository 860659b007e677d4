// What a cron schedule's input becomes when it fires: placeholders become the local date, the time and the identifier.
import type { Json, JsonObject } from '../../operation.ts';
import type { CronSchedule } from '../schedule.ts';
import { wallAt, wallText } from './wall-clock.ts';

export const placeholders = ['date', 'time', 'id'] as const;
/** What looks like one. */
export const placeholderPattern = /\{([A-Za-z][A-Za-z-]*)\}/g;

/** The input for a fire (milliseconds since 1970) on a resource, or as it is when no resource is named. */
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
