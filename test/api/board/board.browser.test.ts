// The board in a real browser: what a person sees and does there, and that nothing is loaded from anywhere else.
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JobJson } from '../../../src/records/job-json.ts';
import { type BoardService, operator, reader, startBoardService } from './board-service.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const found = existsSync(executablePath);
if (!found)
  console.log(`Left out: the board in a browser. There is no ${executablePath}; set CHROMIUM to where one is.`);
/** Where the pictures are left for a person to look at. */
const pictures = join(tmpdir(), 'neptune-ops-board');

describe.skipIf(!found)('the board in a browser', () => {
  let service: BoardService;
  let browser: Browser;
  let page: Page;
  /** What a browser would complain about, and whom else it would ask. */
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    // One visit in eight seconds, so that new jobs are seen waiting; and no look before somebody asks for it.
    service = await startBoardService('embedded', {
      NEPTUNE_OPS_POLL_MIN_MS: '3600000',
      NEPTUNE_OPS_RATE_NEPTUNE: '0.125',
    });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });

  async function newPage(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    page.on('console', (message) => {
      // A refusal that a test provokes is told by the browser too.
      const provoked = /the server responded with a status of 4\d\d/.test(message.text());
      if (message.type() === 'error' && !provoked) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const local = request.url().startsWith(`${service.url}/`) || request.url().startsWith('data:');
      if (!local) complaints.push(`asked for ${request.url()}`);
    });
    return page;
  }
  const picture = (name: string, on = page) => on.screenshot({ path: join(pictures, `${name}.png`) });
  const signIn = async (who: { key: string }, on: Page) => {
    await on.fill('#key', who.key);
    await on.click('button');
  };
  const stop = (dbClusterIdentifier: string) =>
    service.api<JobJson>('POST', '/v1/operations/stop-db-cluster', { dbClusterIdentifier });
  const jobOf = (id: string) => service.api<JobJson>('GET', `/v1/jobs/${id}`);
  const button = (icon: string, on = page) => on.locator(`ul[class*='jobActions'] button:has(.lucide-${icon})`);
  const sees = (text: string | RegExp, on = page) => on.getByText(text).first().waitFor({ timeout: 120_000 });
  const confirm = (on = page) => on.getByRole('button', { name: 'Confirm' }).click();

  it('leads to signing in, says when a key is wrong, and then shows where one wanted to go', async () => {
    await page.goto(`${service.url}/board/queue/default.neptune?status=waiting`);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await picture('sign-in-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 760 });
    await signIn({ key: 'wrong.key' }, page);
    await sees('This is not a key of this service.');
    await picture('sign-in-wrong-dark-narrow');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 800 });
    await signIn(operator, page);
    await sees('Jobs of target default that use');
    expect(page.url()).toBe(`${service.url}/board/queue/default.neptune?status=waiting`);
  });

  it('shows a job from queued to succeeded, and looks when a person wants it to', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await stop(await service.cluster())).id);
    const [, , last = ''] = ids;
    // New work waits under its own name …
    await page.goto(`${service.url}/board/queue/default.neptune?status=waiting`);
    await sees('stop-db-cluster default/db-cluster/c-3');
    await picture('waiting-light-wide');
    // … and is told from the poll that it becomes.
    await page.goto(`${service.url}/board/queue/default.neptune/${last}`);
    await sees('poll 1 of stop-db-cluster default/db-cluster/c-3');
    for (const icon of ['pencil', 'files', 'clock']) expect(await button(icon).isVisible(), icon).toBe(false);
    await page.getByRole('tab', { name: 'Logs' }).click();
    await sees(/Asked AWS to stop-db-cluster; AWS accepted/);
    await sees('Next look at');
    await picture('delayed-light-wide');
    // By now AWS has stopped it; nobody has looked.
    await vi.waitFor(() => expect(service.emulator.account.clusters.get('c-3')?.status.now).toBe('stopped'), {
      timeout: 120_000,
      interval: 200,
    });
    expect((await jobOf(last)).state).toBe('running');
    await button('undo2').or(button('corner-up-left')).or(button('reply')).first().click();
    await sees('Look at this job now, before its time?');
    await confirm();
    await vi.waitFor(async () => expect((await jobOf(last)).state).toBe('succeeded'), {
      timeout: 120_000,
      interval: 200,
    });
    await page.reload();
    await page.getByRole('tab', { name: 'Logs' }).click();
    await sees(/Ended: succeeded\. AWS says “stopped”\./);
    await picture('succeeded-light-wide');
  });

  it('asks for a failed job once more, as a new one', async () => {
    const { id } = await stop('nothing-there');
    await vi.waitFor(async () => expect((await jobOf(id)).state).toBe('failed'), { timeout: 120_000, interval: 200 });
    await page.goto(`${service.url}/board/queue/default.neptune/${id}`);
    await sees('There is no DB cluster of this identifier');
    await picture('failed-light-wide');
    await button('refresh-cw').click();
    await sees('Repeat this job? It becomes a new job.');
    await confirm();
    await vi.waitFor(
      async () => {
        const { jobs } = await service.api<{ jobs: JobJson[] }>('GET', '/v1/jobs?limit=1');
        expect(jobs[0]).toMatchObject({ retryOf: id, input: { dbClusterIdentifier: 'nothing-there' } });
      },
      { timeout: 120_000, interval: 100 },
    );
  });

  it('offers a reader nothing to press, and refuses what a reader presses all the same', async () => {
    const { id } = await stop(await service.cluster());
    const other = await newPage();
    await other.goto(`${service.url}/board/queue/default.neptune`);
    await signIn(reader, other);
    await sees('stop-db-cluster default/db-cluster/c-3', other);
    expect(await other.locator("ul[class*='jobActions'] button").count()).toBe(0);
    const press = (path: string) => other.evaluate(async (url) => (await fetch(url, { method: 'PUT' })).json(), path);
    expect(await press(`/board/api/queues/default.neptune/${id}/clean`)).toMatchObject({ code: 'forbidden' });
    expect(await press('/board/api/queues/default.neptune/pause')).toMatchObject({ code: 'board-refused' });
    expect((await jobOf(id)).outcome).toBeNull();
    await other.context().close();
  });

  it('says why an operator is refused', async () => {
    const { id } = await stop(await service.cluster());
    await page.goto(`${service.url}/board/queue/default.neptune/${id}`);
    await button('trash-2').click();
    await sees('Cancel this job?');
    await service.api('DELETE', `/v1/jobs/${id}`);
    await vi.waitFor(async () => expect((await jobOf(id)).state).toBe('cancelled'), {
      timeout: 120_000,
      interval: 100,
    });
    await confirm();
    await sees("An ended job can't be cancelled.");
    await picture('refused-light-wide');
  });

  it('can be read in the dark and on a phone', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`${service.url}/board`);
    await sees(/\d+ Jobs/);
    await picture('overview-dark-wide');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${service.url}/board/queue/default.neptune`);
    await sees('nothing-there');
    await picture('queue-dark-narrow');
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(wide).toBeLessThanOrEqual(0);
  });

  it('signs out, and is then shown to nobody', async () => {
    await page.goto(`${service.url}/sign-out`);
    await sees('You are signed in with the key');
    await picture('sign-out-dark-narrow');
    await page.click('button');
    await page.goto(`${service.url}/board`);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
  });

  it('asked no other host for anything, and broke no rule of its pages', () => {
    expect(complaints).toEqual([]);
  });
});
