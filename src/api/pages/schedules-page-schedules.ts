// The schedules on the page: what each says, what comes next, who paused it and why, and its problems.
import { formatWallTime } from '../../schedules/calendar/format-wall-time.ts';
import type { ScheduleView } from '../../schedules/report/overview.ts';
import { type Html, html } from './html.ts';
import type { VisibleSchedules } from '../schedules/visible-schedules.ts';
import { describeSchedule } from '../schedules/describe-schedule.ts';
import type { LinkTo } from './schedules-page-filter.ts';

export function schedulesSection({ overview }: VisibleSchedules, link: LinkTo): Html {
  const one = ({ schedule, pause, resources, next, troubles }: ScheduleView): Html => {
    const { name, timeZone, description } = schedule;
    const at = (time: number) => formatWallTime(time, timeZone);
    const coming = next && `${next.running === undefined ? 'Next' : next.running ? 'Starts' : 'Stops'} ${at(next.at)}`;
    return html`<li>
      <h3>
        ${schedule.kind === 'running' ? html`<a href="${link({ schedule: name })}">${name}</a>` : name}
        <small>${resources} ${resources === 1 ? 'resource' : 'resources'}</small>
      </h3>
      ${description && html`<p>${description}</p>`}
      <p class="says">${describeSchedule(schedule)} <small>${timeZone}</small></p>
      <p>${coming ?? 'Nothing changes in the next 400 days'}</p>
      ${pause && html`<p class="tag paused"><b>Paused</b> ${pause.until === undefined ? 'until it is resumed' : `until ${at(pause.until)}`} by ${pause.by}: ${pause.reason}</p>`}
      ${
        troubles.length > 0 &&
        html`<ul class="odd">
          ${troubles.slice(0, 5).map((trouble) => html`<li>${trouble}</li>`)}${troubles.length > 5 && html`<li>and ${troubles.length - 5} more</li>`}
        </ul>`
      }
    </li>`;
  };
  return html`<section aria-labelledby="schedules">
    <h2 id="schedules">Schedules</h2>
    ${
      overview.schedules.length === 0
        ? html`<p class="hint">The file has none that you may see.</p>`
        : html`<ul class="cards">
            ${overview.schedules.map(one)}
          </ul>`
    }
  </section>`;
}
