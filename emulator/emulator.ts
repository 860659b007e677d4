// Starts the emulator: Neptune's three APIs, SQS, and the control API. It is for tests, demos and containers; nothing
// here talks to AWS.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from './clock.ts';
import type { Cluster } from './neptune/clusters.ts';
import { createControlServer } from './control-api.ts';
import { createDataWire } from './neptune/data-plane.ts';
import { createEndpoint } from './endpoint.ts';
import { createGraphWire } from './graph/graph-api.ts';
import type { Instance } from './neptune/instances.ts';
import { Journal } from './journal.ts';
import type { Durations } from './lifecycles.ts';
import { ACCOUNT } from './names.ts';
import { createNeptuneWire } from './neptune/neptune-api.ts';
import type { Queue } from './sqs/queues.ts';
import { createQueue, createSqsWire, type Postbox } from './sqs/sqs-api.ts';
import { Switches } from './switches.ts';
import { Account } from './account.ts';

interface EmulatorOptions {
  clock?: Clock;
  /** 0 or absent: any free port. */
  ports?: { neptune?: number; graph?: number; sqs?: number; control?: number };
  /** The first port for clusters' data planes; further ones follow it. Absent: any free ports. */
  dataPlanePortsFrom?: number;
  /** Milliseconds; see `Durations`. */
  durations?: Partial<Durations>;
  /** The address to listen on. Default 127.0.0.1; use 0.0.0.0 in a container. */
  host?: string;
  /** The address in answers: cluster endpoints, queue URLs. Default: `host`, or 127.0.0.1 for 0.0.0.0. */
  address?: string;
  region?: string;
  /** For rules with a probability. Default Math.random. */
  random?: () => number;
}

export interface Emulator {
  readonly endpoints: {
    readonly neptune: string;
    readonly graph: string;
    readonly sqs: string;
    readonly control: string;
  };
  readonly account: Account;
  readonly switches: Switches;
  readonly journal: Journal;
  /** The settings that point the AWS SDK and this service to the emulator. */
  readonly env: Readonly<Record<string, string>>;
  /** Creates a queue and returns its URL. A FIFO queue's name ends in `.fifo`, which is added if it is missing. */
  createQueue(name: string, given?: { fifo?: boolean; visibilitySeconds?: number }): string;
  /** A queue by its name, to inspect. */
  queue(name: string): Queue | undefined;
  /** Closes every socket at once. */
  close(): Promise<void>;
}

/** Starts the emulator. Resolves when all four ports listen. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { clock = systemClock, ports = {}, host = '127.0.0.1', region = 'eu-west-1' } = options;
  const address = options.address ?? (host === '0.0.0.0' ? '127.0.0.1' : host);
  const journal = new Journal(clock);
  const switches = new Switches(options.random);
  const shared = { clock, journal, switches };
  const servers = new Set<Server>();
  let nextDataPort = options.dataPlanePortsFrom ?? 0;

  const listen = (server: Server, port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      servers.add(server);
      server.once('error', reject);
      server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
    });

  const openPort = (cluster: Cluster, instance: () => Instance | undefined): Promise<number> => {
    const wire = createDataWire({ account, journal, cluster }, instance);
    const port = nextDataPort === 0 ? 0 : nextDataPort++;
    return listen(createEndpoint(wire, shared), port);
  };
  const openDataPlane = async (cluster: Cluster): Promise<void> => {
    const writer = () => cluster.instances.find(({ identifier }) => identifier === cluster.writer.now);
    const [own, ...members] = await Promise.all([
      openPort(cluster, writer),
      ...cluster.instances.map((instance) => openPort(cluster, () => instance)),
    ]);
    cluster.port = own;
    cluster.instances.forEach((instance, i) => {
      instance.port = members[i] ?? own;
    });
  };
  const account = new Account({ clock, journal, region, openDataPlane, durations: options.durations ?? {} });

  const box: Postbox = { ...shared, region, queues: new Map(), urlOf: (name) => `${endpoints.sqs}/${ACCOUNT}/${name}` };
  const makeQueue: Emulator['createQueue'] = (name, { fifo = false, visibilitySeconds } = {}) => {
    const fullName = fifo && !name.endsWith('.fifo') ? `${name}.fifo` : name;
    const settings = visibilitySeconds === undefined ? {} : { VisibilityTimeout: visibilitySeconds };
    return box.urlOf(createQueue(box, fullName, settings).name);
  };
  const [neptune, graph, sqs, control] = await Promise.all([
    listen(createEndpoint(createNeptuneWire({ account, journal, address }), shared), ports.neptune ?? 0),
    listen(createEndpoint(createGraphWire({ account, journal }), shared), ports.graph ?? 0),
    listen(createEndpoint(createSqsWire(box), shared), ports.sqs ?? 0),
    listen(createControlServer({ account, journal, switches, createQueue: makeQueue }), ports.control ?? 0),
  ]);
  const at = (port: number) => `http://${address}:${port}`;
  const endpoints = { neptune: at(neptune), graph: at(graph), sqs: at(sqs), control: at(control) };

  return {
    endpoints,
    account,
    switches,
    journal,
    env: {
      AWS_ENDPOINT_URL_NEPTUNE: endpoints.neptune,
      AWS_ENDPOINT_URL_NEPTUNE_GRAPH: endpoints.graph,
      AWS_ENDPOINT_URL_SQS: endpoints.sqs,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'stand-in',
      AWS_SECRET_ACCESS_KEY: 'stand-in',
      NEPTUNE_OPS_DATA_PLANE_SCHEME: 'http',
    },
    createQueue: makeQueue,
    queue: (name) => box.queues.get(name),
    async close() {
      const closed = [...servers].map((server) => new Promise((resolve) => server.close(resolve)));
      for (const server of servers) server.closeAllConnections();
      servers.clear();
      await Promise.all(closed);
    },
  };
}
