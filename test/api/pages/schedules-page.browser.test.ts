// The page of schedules in a real browser: that a person can read it in light and dark, wide and narrow, and that it loads
// nothing from anywhere else.
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../../src/api/auth/api-keys.ts';
import { keepOn, pause } from '../../../src/schedules/exceptions.ts';
import { spanChange } from '../../../src/schedules/ledger.ts';
import { type ScheduledPlace, openScheduled, present, scheduleText, managed, usual } from '../schedules/scheduled.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const found = existsSync(executablePath);
if (!found) console.log(`Left out: the page of schedules in a browser. There is no ${executablePath}; set CHROMIUM.`);
/** Where the pictures are left for a person to look at. */
const pictures = join(tmpdir(), 'neptune-ops-schedules');

const reader = createKey({ name: 'reader', scopes: ['read'], targets: ['*'], resources: ['*'] });

describe.skipIf(!found)('the page of schedules in a browser', () => {
  let place: ScheduledPlace;
  let browser: Browser;
  let page: Page;
  let url = '';
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    const hour = 3_600_000;
    const postponed = {
      since: present - hour,
      nextLook: present + hour / 10,
      isBusy: true,
      why: 'in use (3 queries running); waits until Wed 2026-11-18 12:30, then leaves it',
    };
    const late = managed('default/db-cluster/dev-3', 'late', { postponed });
    place = await openScheduled({
      text: scheduleText.replace(
        'schedules:',
        'schedules:\n  late: { running: never, applies: [{ clusters: [dev-3] }], priority: 5 }',
      ),
      managedResources: [...usual.slice(0, 1), ...usual.slice(2), late],
      config: { NEPTUNE_OPS_API_KEYS: JSON.stringify([reader.entry]) },
    });
    const { store } = place.storage;
    // One that was not looked at for a night, and moves often.
    const odd = managed('default/db-cluster/dev-odd', 'office-hours', { status: 'stopping', condition: 'stopping' });
    const states = ['running', 'moving', 'stopped', 'unknown', 'moving', 'running', 'gone'] as const;
    const spans = states.map((state, index) => {
      const from = present - (states.length - index) * 5 * hour;
      const { resource, target, kind, id, name, shape } = odd;
      return spanChange({
        resource,
        target,
        kind,
        id,
        name,
        shape,
        schedule: 'office-hours',
        state,
        from,
        to: from + 5 * hour,
      });
    });
    await store.commit([
      { op: 'create', key: `sleeper/${odd.resource}`, value: { ...odd, since: present }, indexes: { sleepers: 1 } },
      ...spans,
    ]);
    await keepOn(store, {
      resource: 'default/db-cluster/dev-1',
      until: present + 11 * hour,
      by: 'Mara',
      reason: 'load test until tonight',
    });
    await pause(store, {
      schedule: 'secret-nights',
      by: 'Ines',
      reason: 'migration weekend',
      until: present + 72 * hour,
    });
    const warning = {
      level: 'warning',
      line: 9,
      column: 15,
      path: 'schedules.office-hours.applies[0]',
      message: 'A pattern of * means all graphs.',
    } as const;
    place.file.state = { ...place.file.state, findings: [warning] };
    place.file.break([
      {
        level: 'error',
        line: 12,
        column: 7,
        path: 'schedules.nights.running',
        message: '“7am” isn’t right: a time has hours and minutes on the 24-hour clock, in quotes. Example: "07:00".',
      },
    ]);
    url = await place.door.server.listen({ host: '127.0.0.1', port: 0 });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
    page = await context.newPage();
    page.setDefaultTimeout(120_000);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const local = request.url().startsWith(`${url}/`) || request.url().startsWith('data:');
      if (!local) complaints.push(`asked for ${request.url()}`);
    });
  });
  afterAll(async () => {
    await browser?.close();
    await place?.close();
  });

  const sees = (text: string | RegExp) => page.getByText(text).first().waitFor({ timeout: 120_000 });
  const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

  it('is shown after signing in', async () => {
    await page.goto(`${url}/schedules`);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await page.fill('#key', reader.key);
    await page.click('button');
    await sees('Saved in November 2026');
    expect(new URL(page.url()).pathname).toBe('/schedules');
  });

  it('says on top that the file is broken, then who paused and kept on what, and why', async () => {
    const top = await page.locator('main > section').first().innerText();
    expect(top).toContain('The schedules file is broken');
    expect(top).toContain('line 12:7');
    await sees(/Paused until Sat 2026-11-21 05:30 by Ines: migration weekend/);
    await sees(/by Mara: load test until tonight/);
    await sees(/In use \(3 queries running\)/);
  });

  it('draws what should be and what was for each resource, with titles, not by colour alone', async () => {
    const strips = page.locator('.week');
    expect(await strips.count()).toBe(5);
    const label = await strips.first().getAttribute('aria-label');
    expect(label).toMatch(
      /^Until now: should have run \d+ h; was running \d+ h, starting or stopping \d+ h, stopped \d+ h$/,
    );
    const kinds = await page.evaluate<string[]>(
      '[...document.querySelectorAll(".week")[2].querySelectorAll("rect")].map((one) => one.getAttribute("class"))',
    );
    expect(new Set(kinds)).toEqual(new Set(['running', 'stopped', 'moving', 'unknown', 'gone']));
    const titles = await page.locator('.week rect title').allTextContents();
    expect(titles).toContain('should run: Mon 2026-11-16 07:00 – 19:00');
    const heights = await page.evaluate<number[]>(
      '["running", "moving", "stopped", "unknown"].map((state) => document.querySelector(`.legend rect.${state}`).getBBox().height)',
    );
    expect(new Set(heights).size).toBe(4);
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)('can be read in %s at a width of %i', async (colorScheme, width) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`${url}/schedules`);
    await sees('Saved in November 2026');
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.screenshot({ path: join(pictures, `${colorScheme}-${width}.png`), fullPage: true });
  });

  it('shows one schedule’s resources, found by name, and other months', async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.selectOption('select[name=schedule]', 'secret-nights');
    await page.click('.filter button');
    expect(await page.locator('.resource').count()).toBe(1);
    await page.goto(`${url}/schedules`);
    await page.fill('input[name=find]', 'CATALOGUE');
    await page.click('.filter button');
    await sees('default/graph/g-0123456789');
    expect(await page.locator('.resource').count()).toBe(1);
    await page.click('a[rel=prev]');
    await sees('Saved in October 2026');
    expect(new URL(page.url()).searchParams.get('find')).toBe('CATALOGUE');
    await page.click('a[rel=next]');
    await sees('Saved in November 2026');
    await page.getByText('As a table').click();
    await page.getByRole('rowheader', { name: '2026-11-14' }).waitFor();
  });

  it('asked no other host for anything, and broke no rule of its pages', () => {
    expect(complaints).toEqual([]);
  });
});
