// Runs the emulator as its own process with sample resources: `npm run stand-ins`, or a container.
import { addSamples } from './sample.ts';
import { startEmulator } from './emulator.ts';

function portFrom(name: string, fallback: number): number {
  const text = process.env[name];
  const port = text === undefined ? fallback : Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error(`${name} is not a port: ${text}`);
}

const host = process.env['LOCAL_HOST'] ?? '127.0.0.1';
const address = process.env['LOCAL_ADDRESS'];
const emulator = await startEmulator({
  host,
  ...(address && { address }),
  region: process.env['AWS_REGION'] ?? 'eu-west-1',
  ports: {
    neptune: portFrom('LOCAL_NEPTUNE_PORT', 4566),
    graph: portFrom('LOCAL_GRAPH_PORT', 4567),
    sqs: portFrom('LOCAL_SQS_PORT', 4568),
    control: portFrom('LOCAL_CONTROL_PORT', 4569),
  },
  dataPlanePortsFrom: portFrom('LOCAL_DATA_PLANE_PORT', 4570),
});
await addSamples(emulator.account);
const eventsQueue = emulator.createQueue('completion-events');

// Before it says that it is up: whoever hears that may end it at once.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void emulator.close().then(() => process.exit(0)));
}

const settings = { ...emulator.env, NEPTUNE_OPS_EVENTS_QUEUE_URL: eventsQueue };
for (const [name, value] of Object.entries(settings)) process.stdout.write(`export ${name}=${value}\n`);
process.stdout.write(`# control: ${emulator.endpoints.control} (GET /world, GET /journal, POST /switches, ...)\n`);
