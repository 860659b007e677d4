// What a month saved, at the top of the page of schedules: hours and money, and a bar for each day.
import { type Html, html } from './html.ts';
import { type Savings, monthText } from '../../schedules/report/savings.ts';

const day = 86_400_000;

/** `1,234.5 h` */
export const hours = (count: number): string => `${count.toLocaleString('en', { maximumFractionDigits: 1 })} h`;

/** `112.30 USD` */
export function money(amount: number, currency = ''): string {
  const shown = amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return `${shown} ${currency}`.trim();
}

/** `month` is from (included) to (excluded) in milliseconds. `link` makes the page's address for another month. */
export function monthSection(
  savings: Savings,
  month: { readonly from: number; readonly to: number },
  now: number,
  link: (month: string) => string,
): Html {
  const { total, currency } = savings;
  const [before, after] = [monthText(month.from - 1), monthText(month.to)];
  const known = total.asleepHours + total.awakeHours + total.movingHours + total.unknownHours;
  const share =
    known > 0 ? `${Math.round((100 * total.asleepHours) / known)} % of ${hours(known)}` : 'nothing was seen';
  return html`<section aria-labelledby="saved">
    <div class="heading">
      <h2 id="saved">Saved in ${monthName(month.from)}</h2>
      <nav aria-label="Months">
        <a href="${link(before)}" rel="prev">‹ ${before}</a>
        ${month.to <= now && html`<a href="${link(after)}" rel="next">${after} ›</a>`}
      </nav>
    </div>
    <dl class="figures">
      <div>
        <dt>Asleep</dt>
        <dd>${hours(total.asleepHours)} <small>${share}</small></dd>
      </div>
      <div>
        <dt>Not spent</dt>
        <dd>${total.money === undefined ? '—' : money(total.money, currency)} <small>${priceNote(savings)}</small></dd>
      </div>
      ${
        total.unknownHours > 0 &&
        html`<div>
          <dt>Not known</dt>
          <dd>${hours(total.unknownHours)} <small>counted as not saved</small></dd>
        </div>`
      }
    </dl>
    ${savings.days.length > 0 && chart(savings, month)}
  </section>`;
}

function priceNote({ total: { unknownPrices }, currency }: Savings): string {
  if (currency === undefined) return 'the file has no prices';
  return unknownPrices.length > 0
    ? `without ${unknownPrices.join(', ')}: no price in the file`
    : 'by the prices in the file';
}

function chart({ days, currency }: Savings, { from, to }: { readonly from: number; readonly to: number }): Html {
  const count = Math.round((to - from) / day);
  const most = Math.max(1, ...days.map(({ asleepHours }) => asleepHours));
  const step = 100 / count;
  const bars = days.map((each) => {
    const height = (each.asleepHours / most) * 100;
    const title = `${dateText(each.at)}: ${hours(each.asleepHours)} asleep${each.money === undefined ? '' : `, ${money(each.money, currency)}`}`;
    return html`<rect
      class="bar"
      x="${(((each.at - from) / day) * step + step * 0.12).toFixed(2)}%"
      width="${(step * 0.76).toFixed(2)}%"
      y="${(100 - height).toFixed(2)}%"
      height="${height.toFixed(2)}%"
      ><title>${title}</title></rect
    >`;
  });
  const labels = [1, 8, 15, 22, 29].filter((date) => date <= count);
  return html`<figure class="chart">
    <figcaption>Hours asleep, by day of UTC; the highest bar is ${hours(most)}</figcaption>
    <svg class="month" role="img" aria-label="A bar for each day; the table below has the numbers">${bars}</svg>
    <svg class="dates" aria-hidden="true">
      ${labels.map((date) => html`<text x="${((date - 0.5) * step).toFixed(2)}%" y="12">${date}</text>`)}
    </svg>
    <details>
      <summary>As a table</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">Asleep</th>
              <th scope="col">Awake</th>
              <th scope="col">Not known</th>
              <th scope="col">Not spent</th>
            </tr>
          </thead>
          <tbody>
            ${days.map(
              (each) =>
                html`<tr>
                  <th scope="row">${dateText(each.at)}</th>
                  <td>${hours(each.asleepHours)}</td>
                  <td>${hours(each.awakeHours + each.movingHours)}</td>
                  <td>${hours(each.unknownHours)}</td>
                  <td>${each.money === undefined ? '—' : money(each.money, currency)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
    <p><a href="v1/savings?month=${monthText(from)}&amp;format=csv">By resource, as CSV</a></p>
  </figure>`;
}

function dateText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function monthName(at: number): string {
  return new Date(at).toLocaleDateString('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
}
