// `npm run local`: the service with the emulator, until Ctrl-C.
import { startBareMachine } from './bare-machine.ts';
import { sample } from '../emulator/sample.ts';
import { endOnSignals } from '../src/signals.ts';

const endWith = endOnSignals();
const port = Number(process.env.PORT ?? 3000);
const logLevel = process.env.NEPTUNE_OPS_LOG_LEVEL ?? 'info';
// The settings that are taken over from the environment. None of them leads to AWS.
const takenOver = /^NEPTUNE_OPS_(SCHEDULES_|API_KEYS|BOARD|LOG_|METRICS_)/;
const more = Object.entries(process.env).filter(([name, value]) => takenOver.test(name) && value !== undefined);
const machine = await startBareMachine({ port, logLevel }, Object.fromEntries(more) as Record<string, string>).catch(
  (error: unknown) => {
    console.error(`It could not be started: ${(error as Error).message}`);
    return process.exit(1);
  },
);

console.log(`
neptune-ops is up at ${machine.url}
with an emulator of Neptune and SQS; nothing here costs or breaks anything.
DB clusters: dev-1 (may be reset), dev-2, staging-1 (stopped), reports-1
graphs:      ${sample.graph} (may be reset), ${sample.importGraph}
imports:     ${sample.importThatSucceeds}, ${sample.importThatFails}, ${sample.importToCancel}

Try:
  npx neptune-ops stop-db-cluster --db-cluster-identifier reports-1 --wait
  npx neptune-ops jobs list
  curl -s ${machine.url}/v1/operations/stop-db-cluster \\
    -H 'content-type: application/json' -d '{"dbClusterIdentifier":"reports-1"}'
  curl -s ${machine.url}/v1/jobs
In a browser:
  ${machine.url}/board
  ${machine.url}/schedules
  ${machine.url}/docs
Completion events go to:
  ${machine.eventsQueueUrl}
End it with Ctrl-C.
`);

endWith(() => machine.close(), 15_000);
