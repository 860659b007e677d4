// The strip of a resource: two lines over eight days, the desired state and the actual one. States differ in height and
// pattern as well as colour, and every stretch has a title.
import type { Calendar } from '../../schedules/calendar/calendar.ts';
import { formatWallTime } from '../../schedules/calendar/format-wall-time.ts';
import type { LedgerState, LedgerSpan } from '../../schedules/ledger.ts';
import { day, firstFrom, wallAt } from '../../schedules/calendar/wall-clock.ts';
import { type Html, html } from './html.ts';

/** The days shown, in a zone: six past ones, today and tomorrow. Instants in milliseconds. */
export interface Days {
  readonly timeZone: string;
  readonly from: number;
  readonly to: number;
  /** The first instant of each day. */
  readonly starts: readonly number[];
}

const [past, shown] = [6, 8];

/** How far back spans are needed in any zone; milliseconds before now. */
export const farthestBack = (past + 2) * day;

export function daysAround(now: number, timeZone: string): Days {
  const first = Math.floor(wallAt(timeZone, now) / day) - past;
  const starts = Array.from({ length: shown + 1 }, (_, index) => firstFrom(timeZone, (first + index) * day));
  return { timeZone, from: starts[0] ?? now, to: starts.at(-1) ?? now, starts: starts.slice(0, -1) };
}

/** How states are drawn: a tall full bar is running, a low one is asleep. */
const looks = {
  running: { y: 1, height: 14, word: 'running' },
  moving: { y: 5, height: 10, word: 'starting or stopping' },
  stopped: { y: 11, height: 4, word: 'stopped' },
  unknown: { y: 3, height: 12, word: 'not known: nobody looked' },
  gone: { y: 13, height: 2, word: 'not there' },
} as const satisfies Record<LedgerState, unknown>;

/** Explains the drawings, and defines the patterns that they use. */
export function legend(): Html {
  const entry = (state: LedgerState) =>
    html`<li><svg class="key" aria-hidden="true">${box(state, 0, '100%', 0)}</svg>${looks[state].word}</li>`;
  return html`<svg width="0" height="0" class="patterns" aria-hidden="true">
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="6" height="6" class="hatch-ground" />
          <rect width="3" height="6" class="hatch-line" />
        </pattern>
        <pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse">
          <rect width="5" height="5" class="dots-ground" />
          <circle cx="2.5" cy="2.5" r="1.2" class="dots-dot" />
        </pattern>
      </defs>
    </svg>
    <ul class="legend">
      ${(['running', 'moving', 'stopped', 'unknown'] as const).map(entry)}
      <li>
        <svg class="key" aria-hidden="true"><line x1="50%" x2="50%" y1="0" y2="16" class="now" /></svg>now
      </li>
    </ul>`;
}

/** `spans` are the resource's own, oldest first. */
export function strip(calendar: Calendar | undefined, spans: readonly LedgerSpan[], now: number, days: Days): Html {
  const { from, to, timeZone } = days;
  const at = (time: number) => percent((time - from) / (to - from));
  const told = (word: string, start: number, end: number) =>
    `${word}: ${formatWallTime(start, timeZone)} – ${formatWallTime(end, timeZone).slice(end - start < day ? -5 : 0)}`;
  const should = calendar?.spans(from, to) ?? [];
  const was = merged(spans.filter((span) => span.to > from && span.from < to));
  const draw = (state: LedgerState, start: number, end: number, y: number, title: string) => {
    const [left, right] = [Math.max(start, from), Math.min(end, to)];
    return box(state, at(left), percent((right - left) / (to - from)), y, title);
  };
  return html`<div class="strip">
    <div class="lines" aria-hidden="true"><span>should</span><span>was</span></div>
    <svg class="week" role="img" aria-label="${summary(should, was, now)}">
      ${days.starts.slice(1).map((start) => html`<line x1="${at(start)}" x2="${at(start)}" y1="0" y2="38" class="midnight" />`)}
      ${should.map((each) => draw(each.running ? 'running' : 'stopped', each.from, each.to, 0, told(each.running ? 'should run' : 'should sleep', each.from, each.to)))}
      ${was.map((each) => draw(each.state, each.from, each.to, 21, told(looks[each.state].word, each.from, each.to)))}
      <line x1="${at(now)}" x2="${at(now)}" y1="0" y2="38" class="now" />
    </svg>
    <ol class="days" aria-hidden="true">
      ${days.starts.map((start) => html`<li${start <= now && now < start + day ? html` class="today"` : ''}>${dayText(start, timeZone)}</li>`)}
    </ol>
  </div>`;
}

function box(state: LedgerState, x: string | number, width: string, y: number, title?: string): Html {
  const look = looks[state];
  return html`<rect class="${state}" x="${x}" width="${width}" y="${y + look.y}" height="${look.height}"
    >${title === undefined ? '' : html`<title>${title}</title>`}</rect
  >`;
}

/** The ledger cuts spans at midnight. Here they are joined. */
function merged(spans: readonly LedgerSpan[]): { state: LedgerState; from: number; to: number }[] {
  const all: { state: LedgerState; from: number; to: number }[] = [];
  for (const { state, from, to } of spans) {
    const last = all.at(-1);
    if (last?.state === state && last.to === from) last.to = to;
    else all.push({ state, from, to });
  }
  return all;
}

function summary(
  should: readonly { from: number; to: number; running: boolean }[],
  was: readonly { state: LedgerState; from: number; to: number }[],
  now: number,
): string {
  const hours = (spans: readonly { from: number; to: number }[]) =>
    Math.round(spans.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, now) - from), 0) / 3_600_000);
  const states = (['running', 'moving', 'stopped', 'unknown'] as const)
    .map((state) => [state, hours(was.filter((each) => each.state === state))] as const)
    .filter(([, sum]) => sum > 0)
    .map(([state, sum]) => `${looks[state].word} ${sum} h`);
  const wished = should.length > 0 ? `should have run ${hours(should.filter(({ running }) => running))} h; ` : '';
  return `Until now: ${wished}was ${states.join(', ') || 'not seen'}`;
}

function dayText(start: number, timeZone: string): Html {
  const [weekday = '', date = ''] = formatWallTime(start, timeZone).split(' ');
  return html`<span>${weekday}</span> ${date.slice(8)}`;
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(2))}%`;
}
