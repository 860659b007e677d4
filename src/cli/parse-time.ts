// Parses times as people type them at a terminal, in the terminal's zone, and formats them.
import { UsageError } from './exit-codes.ts';

const rule =
  'a time like 22:00, a date and time like 2026-12-12T22:00 or 2026-12-12T22:00Z, or a time span like 3h, 90m, 1h30m';

/** Milliseconds since 1970. `22:00` is the next such time in the terminal's zone. Throws a `UsageError`. */
export function parseTime(text: string, flag: string, now = Date.now()): number {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour !== undefined) return nextClock(Number(hour), Number(minute), now);
  const [, hours, minutes] = /^(?=\d)(?:(\d{1,4})h)?(?:(\d{1,5})m)?$/.exec(text) ?? [];
  if (hours !== undefined || minutes !== undefined) {
    return now + (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  }
  const at = Date.parse(text.replace(' ', 'T'));
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/.test(text) && Number.isFinite(at)) return at;
  throw new UsageError(`${flag} is ${rule}.`);
}

/** The time zone of this terminal. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function nextClock(hour: number, minute: number, now: number): number {
  const date = new Date(now);
  date.setHours(hour, minute, 0, 0);
  if (date.getTime() <= now) {
    date.setDate(date.getDate() + 1);
    date.setHours(hour, minute, 0, 0);
  }
  return date.getTime();
}
