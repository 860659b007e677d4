// Runs the emulator as its own process with the sample account, so that it answers however busy the tests are. It is
// controlled through its control port. For tests whose service is a process too; other tests run the emulator in
// theirs, with a clock that they advance.
import type { ClusterOptions } from '../../emulator/neptune/clusters.ts';
import type { GraphOptions } from '../../emulator/graph/graphs.ts';
import type { ImportOptions } from '../../emulator/graph/imports.ts';
import type { Effect, RequestMatch, RequestRecord } from '../../emulator/journal.ts';
import type { Durations } from '../../emulator/lifecycles.ts';
import type { Rule } from '../../emulator/switches.ts';
import { built } from './built.ts';
import { startChild } from './child.ts';
import { patience } from './patience.ts';

export interface EmulatorProcess {
  /** The settings that point the AWS SDK and the service to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Returns the queue's URL. */
  createQueue(name: string): Promise<string>;
  addCluster(options: ClusterOptions): Promise<void>;
  /** Returns its id. */
  addGraph(options: GraphOptions): Promise<string>;
  /** Returns its id. */
  addImportTask(options: ImportOptions): Promise<string>;
  setDurations(durations: Partial<Durations>): Promise<void>;
  addSwitch(rule: Rule): Promise<void>;
  requests(match?: RequestMatch): Promise<RequestRecord[]>;
  effects(kind?: string, resource?: string): Promise<Effect[]>;
  close(): Promise<void>;
}

const anyPort = Object.fromEntries(
  ['NEPTUNE', 'GRAPH', 'SQS', 'CONTROL', 'DATA_PLANE'].map((name) => [`LOCAL_${name}_PORT`, '0']),
);

export async function startEmulatorProcess(): Promise<EmulatorProcess> {
  const child = startChild([built('emulator/main.ts')], { AWS_REGION: 'eu-west-1', ...anyPort });
  const control = await child.until('the emulator’s start', (printed) => /^# control: (\S+)/m.exec(printed)?.[1]);
  const settings = child.printed().matchAll(/^export (\w+)=(.*)$/gm);
  const { NEPTUNE_OPS_EVENTS_QUEUE_URL: _its, ...env } = Object.fromEntries(
    [...settings].map(([, name = '', value = '']) => [name, value] as const),
  );

  async function ask<Result = unknown>(method: string, path: string, body?: unknown): Promise<Result> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    // A connection that was kept could be closed by the other side in the moment in which it is used again.
    const headers = { connection: 'close' };
    const answer = await fetch(control + path, { method, headers, ...text, signal: AbortSignal.timeout(patience) });
    const given = (await answer.json()) as Result;
    if (!answer.ok) throw new Error(`The emulator refused ${method} ${path}: ${JSON.stringify(given)}`);
    return given;
  }

  const idOf = async (path: string, options: unknown) => (await ask<{ id: string }>('POST', path, options)).id;
  const journal = (match: Readonly<Record<string, unknown>>) => {
    const given = Object.entries(match).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
    return ask<{ requests: RequestRecord[]; effects: Effect[] }>('GET', `/journal?${query.toString()}`);
  };
  return {
    env,
    createQueue: async (name) => (await ask<{ url: string }>('POST', '/queues', { name })).url,
    addCluster: async (options) => void (await ask('POST', '/world/clusters', options)),
    addGraph: (options) => idOf('/world/graphs', options),
    addImportTask: (options) => idOf('/world/import-tasks', options),
    setDurations: async (durations) => void (await ask('PATCH', '/durations', durations)),
    addSwitch: async (rule) => void (await ask('POST', '/switches', rule)),
    async requests({ outcome, instance, ...match } = {}) {
      const { requests } = await journal(match);
      return requests.filter(
        (request) =>
          (outcome === undefined || request.outcome === outcome) &&
          (instance === undefined || request.instance === instance),
      );
    },
    effects: async (kind, resource) => (await journal({ kind, resource })).effects,
    async close() {
      await child.end('SIGKILL');
    },
  };
}
