// Parses the values in a schedules file: days, times, dates, durations and time zones.
import { nearest } from './findings.ts';
import { minute, wallOf } from '../calendar/wall-clock.ts';

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const groups: Readonly<Record<string, readonly number[]>> = {
  daily: [1, 2, 3, 4, 5, 6, 7],
  weekdays: [1, 2, 3, 4, 5],
  weekends: [6, 7],
};

/** The days of `mon-fri`, `mon,wed`, `[mon, wed]` or `weekends`; 1 is Monday. A range may wrap around Sunday. */
export function daysOf(words: string | readonly string[]): number[] {
  const parts = typeof words === 'string' ? words.split(',') : words;
  const days = parts.flatMap((part) => {
    const word = part.trim();
    const group = groups[word];
    if (group) return group;
    const [first = '', last = first] = word.split('-');
    const [from, to] = [dayNames.indexOf(first), dayNames.indexOf(last)];
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, index) => ((from + index) % 7) + 1);
  });
  return [...new Set(days)].toSorted((a, b) => a - b);
}

/** Minutes after midnight of `7:00` or `07:00`. */
export function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
}

/** `07:00`, of minutes after midnight. */
export function timeText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** Milliseconds of `2h`, `90m` or `1h30m`. */
export function durationOf(text: string): number {
  const [, hours = '0', minutes = '0'] = /^(?:(\d+)h)?(?:(\d+)m)?$/.exec(text) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * minute;
}

/** Whether the date in `2026-12-25` or `2026-12-25T08:00` exists. */
export function isDate(text: string): boolean {
  const at = wallOf(text);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text.slice(0, 10));
}

/** Why a text isn't the name of a time zone, and what to write instead; `undefined` when it is one. */
export function whyNotZone(zone: string): string | undefined {
  const example = 'Example: Europe/Berlin';
  if (/^([+-]|(utc|gmt)[+-])/i.test(zone)) {
    return `“${zone}” is an offset, which knows no daylight saving. Write the name of a time zone. ${example}`;
  }
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return undefined;
  } catch {
    const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];
    const place = zone.toLowerCase().replaceAll(/[ -]/g, '_');
    const meant = zones.find((name) => name.toLowerCase().endsWith(`/${place}`)) ?? nearest(zone, zones);
    return `There is no time zone “${zone}”.${meant ? ` Did you mean “${meant}”?` : ` Write its IANA name. ${example}`}`;
  }
}
