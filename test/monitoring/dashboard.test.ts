// The dashboard against a real Prometheus that scrapes a real service at work: no panel may be empty.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboard } from '../../monitoring/dashboard.ts';
import { queries } from '../../monitoring/panels.ts';
import { startBareMachine } from '../../demo/bare-machine.ts';
import { scenes } from '../../demo/scenes.ts';
import { definitions } from '../../src/metrics/definitions.ts';
import type { JobJson } from '../../src/records/job-json.ts';
import { samplesOf } from '../metrics/scrape.ts';
import { inTime } from '../support/in-time.ts';
import { patience } from '../support/patience.ts';
import { hasProgram } from './programs.ts';

/** So that there is something under a schedule: a graph that a scene stops is started again. */
const schedules = `version: 1
timeZone: Europe/Berlin
schedules:
  always:
    running: [{ days: mon-sun, from: '00:00', to: '24:00' }]
    applies: [{ graphs: ['*'] }]
`;

describe('the dashboard', () => {
  it('is what Grafana’s file says: npm run docs', () => {
    expect(JSON.parse(readFileSync('monitoring/grafana-dashboard.json', 'utf8'))).toEqual(dashboard());
  });

  it('has a place for each panel, and none upon another', () => {
    const { panels } = dashboard() as {
      panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, { gridPos: a }] of panels.entries()) {
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      for (const { gridPos: b } of panels.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart).toBe(true);
      }
    }
  });
});

describe('a service that has played every scene of the demo', () => {
  let folder: string;
  let machine: Awaited<ReturnType<typeof startBareMachine>>;
  let prometheus: { url: string; process: ChildProcess } | undefined;
  const isInstalled = hasProgram('prometheus');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'neptune-ops-prometheus-'));
    writeFileSync(join(folder, 'schedules.yaml'), schedules);
    const more = {
      NEPTUNE_OPS_SCHEDULES_FILE: join(folder, 'schedules.yaml'),
      NEPTUNE_OPS_SCHEDULES_TICK_MS: '1000',
      NEPTUNE_OPS_BOARD: 'off',
    };
    machine = await startBareMachine({ port: 0, logLevel: 'silent' }, more);
    if (isInstalled) prometheus = await startPrometheus(folder, machine.url);
    const jobs = await Promise.all(scenes.map((scene) => ask(machine.url, scene)));
    for (const giveUp = Date.now() + patience; Date.now() < giveUp; await pause(250)) {
      const now = await Promise.all(jobs.map(async ({ id }) => (await fetch(`${machine.url}/v1/jobs/${id}`)).json()));
      if (now.every((job) => (job as JobJson).event === 'sent')) return;
    }
    throw new Error('not every scene came to its end');
  });
  afterAll(async () => {
    prometheus?.process.kill('SIGKILL');
    await machine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows every metric of the table in its scrape', async () => {
    const samples = samplesOf(await (await fetch(`${machine.url}/metrics`)).text());
    const names = new Set(samples.map(({ name }) => name));
    for (const [name, { type }] of Object.entries(definitions)) {
      expect(names, name).toContain(type === 'histogram' ? `${name}_count` : name);
    }
    expect(names).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(samples.flatMap(({ labels }) => Object.values(labels)).filter((word) => word === 'other')).toEqual([]);
  });

  it.skipIf(!isInstalled)('leaves no query of the dashboard without data (skipped without prometheus)', async () => {
    const { url } = prometheus as NonNullable<typeof prometheus>;
    let empty = [...queries];
    for (const giveUp = Date.now() + patience; empty.length > 0 && Date.now() < giveUp; await pause(500)) {
      const answers = await Promise.all(empty.map(({ expr }) => hasData(url, expr)));
      empty = empty.filter((_, index) => !answers[index]);
    }
    expect(empty).toEqual([]);
  });
});

async function ask(url: string, { operation, input, query = '' }: (typeof scenes)[number]): Promise<JobJson> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(input);
  const answer = await fetch(`${url}/v1/operations/${operation}${query}`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`${operation} was refused: ${await answer.text()}`);
  return (await answer.json()) as JobJson;
}

/** As Grafana would ask for the last minutes; a series without a number in it shows nothing. */
async function hasData(url: string, expr: string): Promise<boolean> {
  const query = expr.replaceAll('$__rate_interval', '60s').replaceAll('$job', '.*');
  const end = Date.now() / 1_000;
  const span = { start: String(end - 60), end: String(end), step: '1' };
  const answer = await fetch(`${url}/api/v1/query_range?${new URLSearchParams({ query, ...span }).toString()}`);
  const { data, error } = (await answer.json()) as {
    data?: { result: { values: [number, string][] }[] };
    error?: string;
  };
  if (data === undefined) throw new Error(`${expr}: ${error}`);
  return data.result.some(({ values }) => values.some(([, value]) => Number.isFinite(Number(value))));
}

async function startPrometheus(folder: string, target: string): Promise<{ url: string; process: ChildProcess }> {
  const config = {
    global: { scrape_interval: '1s' },
    scrape_configs: [{ job_name: 'neptune-ops', static_configs: [{ targets: [new URL(target).host] }] }],
  };
  writeFileSync(join(folder, 'prometheus.yaml'), JSON.stringify(config));
  const options = [`--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`];
  const child = spawn('prometheus', [...options, '--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  let log = '';
  const ready = new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const [, port] = /"Listening on" address=127\.0\.0\.1:(\d+)/.exec(log) ?? [];
      if (port !== undefined && log.includes('Server is ready')) resolve(`http://127.0.0.1:${port}`);
    });
    child.once('close', () => reject(new Error(`prometheus did not start:\n${log}`)));
  });
  return { url: await inTime(ready, 'prometheus to be ready', () => log), process: child };
}
