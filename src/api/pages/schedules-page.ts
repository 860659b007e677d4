// The schedules page: past, present and future state of each resource, savings, and problems. The server renders it. It
// has no scripts and loads nothing but its own style.
import { formatWallTime } from '../../schedules/calendar/format-wall-time.ts';
import type { FileFinding } from '../../schedules/schedule.ts';
import { type Html, html, pageHead } from './html.ts';
import type { VisibleSchedules } from '../schedules/visible-schedules.ts';
import { linkFrom } from './schedules-page-filter.ts';
import { monthSection } from './schedules-page-month.ts';
import { type ResourceFacts, leases, resourcesSection } from './schedules-page-resources.ts';
import { schedulesSection } from './schedules-page-schedules.ts';

interface PageFacts extends ResourceFacts {
  /** From `from` (included) to `to` (excluded); milliseconds. */
  readonly month: { readonly from: number; readonly to: number };
  readonly menu: Menu;
}

export interface Menu {
  readonly board: boolean;
  readonly signOut: boolean;
}

export function schedulesPage(facts: PageFacts): string {
  const { planned, savings, month, filter, menu } = facts;
  const { overview } = planned;
  const link = linkFrom(filter);
  return page(
    menu,
    html`${fileNotices(planned)}
    ${
      overview.troubles.length > 0 &&
      html`<section class="notice bad" role="alert">
        <h2>What can’t be looked at</h2>
        <ul>
          ${overview.troubles.map(({ target, what }) => html`<li>${target}: ${what}</li>`)}
        </ul>
      </section>`
    }
    ${monthSection(savings, month, overview.at, (wished) => link({ month: wished }))} ${schedulesSection(planned, link)}
    ${leases(planned)} ${resourcesSection(facts, link)}`,
  );
}

/** The page without a schedules file. */
export function emptyPage(menu: Menu): string {
  return page(
    menu,
    html`<section class="empty">
      <h2>There are no schedules</h2>
      <p>
        With a file of schedules, clusters and graphs sleep when nobody needs them. Name one in the setting
        <code>NEPTUNE_OPS_SCHEDULES_FILE</code> and start the service anew.
      </p>
      <p>See what one would do before: <code>neptune-ops schedules check schedules.yaml</code></p>
    </section>`,
  );
}

function page(menu: Menu, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      ${pageHead('Schedules', 'schedules.css')}
      <body>
        <header>
          <h1>
            <a href="schedules">neptune-ops <span>schedules</span></a>
          </h1>
          <nav aria-label="Pages">
            ${menu.board && html`<a href="board">Board</a>`}<a href="docs">API documents</a
            >${menu.signOut && html`<a href="sign-out">Sign out</a>`}
          </nav>
        </header>
        <main>${body}</main>
      </body>
    </html> `.text;
}

function fileNotices({ state, all }: VisibleSchedules): Html {
  const { broken, findings } = state;
  const list = (found: readonly FileFinding[]) =>
    html`<ul>
      ${found.slice(0, 20).map(({ line, column, path, message }) => html`<li><b>line ${line}:${column}</b> ${path && html`<code>${path}</code> `}${message}</li>`)}${found.length > 20 && html`<li>and ${found.length - 20} more</li>`}
    </ul>`;
  const since = state.loadedAt === undefined ? '' : ` read at ${formatWallTime(state.loadedAt, 'UTC')} UTC`;
  return html`${
    broken &&
    html`<section class="notice bad" role="alert">
      <h2>The schedules file is broken</h2>
      <p>The one${since} stays in force until it is right again.</p>
      ${all && list(broken)}
    </section>`
  }
  ${
    all &&
    findings.length > 0 &&
    html`<section class="notice">
      <h2>About the schedules file</h2>
      ${list(findings)}
    </section>`
  }`;
}
