// Formats times for people, in a schedule's time zone.
const formats = new Map<string, Intl.DateTimeFormat>();
/** Hundreds of resources change at the same boundary, and formatting takes longer than deciding. */
const known = new Map<string, string>();

/** `Fri 2026-11-27 19:00`, by the wall clock of the zone. */
export function formatWallTime(at: number, timeZone: string): string {
  const key = `${at} ${timeZone}`;
  let text = known.get(key);
  if (text === undefined) {
    if (known.size > 1_000) known.clear();
    known.set(key, (text = format(at, timeZone)));
  }
  return text;
}

function format(at: number, timeZone: string): string {
  let words = formats.get(timeZone);
  if (words === undefined) {
    words = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, words);
  }
  const parts = Object.fromEntries(words.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts['weekday']} ${parts['year']}-${parts['month']}-${parts['day']} ${parts['hour']}:${parts['minute']}`;
}
