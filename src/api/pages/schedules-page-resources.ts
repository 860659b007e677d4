// The resources on the schedules page: which are kept on, and for each the actual and the desired state, past and
// future, and why.
import { calendarOf } from '../../schedules/calendar/calendar.ts';
import { formatWallTime } from '../../schedules/calendar/format-wall-time.ts';
import { runningSchedules } from '../../schedules/governing-schedule.ts';
import type { LedgerSpan } from '../../schedules/ledger.ts';
import type { ResourceView } from '../../schedules/report/overview.ts';
import type { RunningSchedule } from '../../schedules/schedule.ts';
import { type SavedRow, type Savings, monthText } from '../../schedules/report/savings.ts';
import { type Html, html } from './html.ts';
import type { VisibleSchedules } from '../schedules/visible-schedules.ts';
import type { LinkTo, PageFilter } from './schedules-page-filter.ts';
import { hours, money } from './schedules-page-month.ts';
import { type Days, daysAround, legend, strip } from './schedules-page-strip.ts';

/** The data that was read for the page. `spans` covers all days that are shown. */
export interface ResourceFacts {
  readonly planned: VisibleSchedules;
  readonly spans: readonly LedgerSpan[];
  readonly savings: Savings;
  readonly filter: PageFilter;
}

/** The limit of resources per page. */
const most = 100;

export function leases({ overview, plan }: VisibleSchedules): Html {
  const kept = overview.resources.filter(({ keepOn }) => keepOn !== undefined);
  if (kept.length === 0) return html``;
  return html`<section aria-labelledby="kept">
    <h2 id="kept">Kept on</h2>
    <ul class="leases">
      ${kept.slice(0, most).map(({ resource, keepOn, schedule }) => {
        const zone = zoneOf(plan.schedules.find(({ name }) => name === schedule));
        return (
          keepOn &&
          html`<li>
            <b>${resource}</b>
            ${keepOn.from !== undefined && keepOn.from > overview.at && `from ${formatWallTime(keepOn.from, zone)} `}until
            ${formatWallTime(keepOn.until, zone)} <small>${zone}</small>, by ${keepOn.by}: ${keepOn.reason}
          </li>`
        );
      })}
    </ul>
  </section>`;
}

export function resourcesSection(facts: ResourceFacts, link: LinkTo): Html {
  const { planned, filter } = facts;
  const { overview, plan } = planned;
  const wished = filter.find?.toLowerCase() ?? '';
  const fitting = overview.resources.filter(
    ({ schedule, resource, name }) =>
      (filter.schedule === undefined || schedule === filter.schedule) &&
      (resource.includes(wished) || name.toLowerCase().includes(wished)),
  );
  const pages = Math.max(1, Math.ceil(fitting.length / most));
  const number = Math.min(filter.page, pages);
  const running = runningSchedules(plan.schedules);
  const drawing = drawingOf(facts, running);
  const shown = fitting.slice((number - 1) * most, number * most);
  const names = overview.schedules
    .filter(({ schedule }) => schedule.kind === 'running')
    .map(({ schedule }) => schedule.name);
  return html`<section aria-labelledby="resources">
    <h2 id="resources">
      Resources
      <small
        >${fitting.length === overview.resources.length ? fitting.length : `${fitting.length} of ${overview.resources.length}`}${overview.lookedAt !== undefined && `, last looked at ${formatWallTime(overview.lookedAt, 'UTC')} UTC`}</small
      >
    </h2>
    ${
      overview.resources.length > 0 &&
      html`<form class="filter" method="get" action="schedules">
          ${filter.month !== undefined && html`<input type="hidden" name="month" value="${filter.month}" />`}
          <label
            >Schedule
            <select name="schedule">
              <option value="">all</option>
              ${names.map((name) => html`<option${name === filter.schedule && html` selected`}>${name}</option>`)}
            </select></label
          >
          <label
            >Name <input name="find" value="${filter.find ?? ''}" maxlength="100" spellcheck="false" autocomplete="off"
          /></label>
          <button>Show</button>
        </form>
        ${legend()}`
    }
    ${
      shown.length === 0
        ? nothing(overview.resources.length)
        : html`<ul class="resources">
            ${shown.map(drawing)}
          </ul>`
    }
    ${pages > 1 && html`<nav class="pages" aria-label="Pages of resources">${number > 1 && html`<a href="${link({ page: number - 1 })}" rel="prev">‹ Previous</a>`} <span>${number} of ${pages}</span> ${number < pages && html`<a href="${link({ page: number + 1 })}" rel="next">Next ›</a>`}</nav>`}
  </section>`;
}

function nothing(all: number): Html {
  if (all > 0) return html`<p class="hint">No resource fits. <a href="schedules">Show all</a></p>`;
  return html`<p class="hint">
    No resource is known yet. The first look at AWS comes within a minute of a worker’s start; after that, what
    schedules mean shows up here.
  </p>`;
}

/** Makes the function that draws a resource. What all resources need is computed once. */
function drawingOf(
  { planned, spans, savings, filter }: ResourceFacts,
  running: readonly RunningSchedule[],
): (view: ResourceView) => Html {
  const now = planned.overview.at;
  const byName = new Map(running.map((schedule) => [schedule.name, schedule]));
  const spansOf = grouped(spans, ({ resource }) => resource);
  const rowsOf = grouped(savings.rows, ({ resource }) => resource);
  const calendars = new Map(running.map((schedule) => [schedule.name, calendarOf(schedule)]));
  const days = new Map<string, Days>();
  const around = (zone: string): Days => {
    const known = days.get(zone) ?? daysAround(now, zone);
    days.set(zone, known);
    return known;
  };
  return (view) => {
    const schedule = byName.get(view.schedule ?? '');
    const zone = zoneOf(schedule);
    return html`<li class="resource">
      <h3>
        ${view.kind === 'graph' && view.name !== view.id ? html`${view.name} ` : ''}<span class="name"
          >${view.resource}</span
        >
      </h3>
      <p class="state">
        <span class="tag ${view.condition}">${view.status}</span
        >${view.keepOn && html` <span class="tag kept">kept on</span>`}
        ${view.should === 'left' ? 'is left alone' : `should be ${view.should}`}: ${view.why}
      </p>
      ${view.doing !== undefined && html`<p class="doing">${sentence(view.doing)}${view.job !== undefined && html` <a href="v1/jobs/${view.job}">job</a>`}</p>`}
      ${strip(calendars.get(view.schedule ?? ''), spansOf.get(view.resource) ?? [], now, around(zone))}
      <p class="foot">
        ${view.next && `The schedule ${view.next.running ? 'starts' : 'stops'} it ${formatWallTime(view.next.at, zone)} `}<small
          >${zone}${view.restartsAt !== undefined && `; AWS starts it by itself ${formatWallTime(view.restartsAt, zone)}`}</small
        >
        ${view.schedule !== undefined && view.schedule !== filter.schedule && html`<span>schedule ${view.schedule}</span>`}
        ${saved(rowsOf.get(view.resource) ?? [], savings)}
      </p>
    </li>`;
  };
}

function saved(rows: readonly SavedRow[], { from, currency }: Savings): Html {
  if (rows.length === 0) return html``;
  const asleep = rows.reduce((sum, { asleepHours }) => sum + asleepHours, 0);
  const isPriced = rows.every((row) => row.money !== undefined);
  const worth = rows.reduce((sum, row) => sum + (row.money ?? 0), 0);
  return html`<span
    >asleep ${hours(asleep)} in ${monthText(from)}${isPriced && `, ${money(worth, currency)} not spent`}</span
  >`;
}

function zoneOf(schedule: { readonly timeZone: string } | undefined): string {
  return schedule?.timeZone ?? 'UTC';
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
