// Describes a schedule in a few words, for answers and pages.
import { timeText } from '../../schedules/file/parse-values.ts';
import type { Schedule } from '../../schedules/schedule.ts';

/** When it runs, or what it does and when, in a few words. */
export function describeSchedule(schedule: Schedule): string {
  if (schedule.kind === 'cron') return `${schedule.operation} at ${schedule.cron}`;
  const { windows, exceptions, once } = schedule;
  const isAlways =
    windows.length === 1 && windows.every((each) => each.days.length === 7 && each.from === 0 && each.to === 1_440);
  const said = windows.map(({ days, from, to }) => `${daysText(days)} ${timeText(from)}–${timeText(to)}`);
  const main = isAlways ? 'always' : windows.length === 0 ? 'never' : said.join(', ');
  const more = [
    ...(exceptions.length > 0 ? [`except ${exceptions.length} ${exceptions.length === 1 ? 'day' : 'days'}`] : []),
    ...once.map(
      ({ from, to, running }) => `${running ? 'on' : 'off'} ${from.replace('T', ' ')} to ${to.replace('T', ' ')}`,
    ),
  ];
  return [main, ...(more.length > 3 ? [...more.slice(0, 3), `and ${more.length - 3} more`] : more)].join('; ');
}

const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** `mon-fri`, `mon, wed` or `daily`, from sorted days; 1 is Monday. */
function daysText(days: readonly number[]): string {
  if (days.length === 7) return 'daily';
  const runs: number[][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run?.at(-1) === day - 1) run?.push(day);
    else runs.push([day]);
  }
  const name = (day: number | undefined) => names[(day ?? 1) - 1];
  return runs.map((run) => (run.length > 1 ? `${name(run[0])}-${name(run.at(-1))}` : name(run[0]))).join(', ');
}
