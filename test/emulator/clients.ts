// The real SDK clients, pointed at the stand-ins. One attempt each, so that a test sees what was answered.
import { NeptuneClient } from '@aws-sdk/client-neptune';
import { NeptuneGraphClient } from '@aws-sdk/client-neptune-graph';
import { NeptunedataClient } from '@aws-sdk/client-neptunedata';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createTurnableClock, type TurnableClock } from '../../emulator/clock.ts';
import { type Emulator, startEmulator } from '../../emulator/emulator.ts';

const settings = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
};

export interface Bench extends Emulator {
  clock: TurnableClock;
  neptune: NeptuneClient;
  graph: NeptuneGraphClient;
  sqs: SQSClient;
  /** A data-plane client for one port. */
  data(port: number): NeptunedataClient;
}

/** Stand-ins with a clock that stands still, and a client for each API. */
export async function startBench(options: Parameters<typeof startEmulator>[0] = {}): Promise<Bench> {
  const clock = createTurnableClock(Date.parse('2026-11-20T10:00:00.250Z'));
  const emulator = await startEmulator({ clock, ...options });
  const { endpoints } = emulator;
  const clients: { destroy(): void }[] = [];
  const kept = <C extends { destroy(): void }>(client: C): C => {
    clients.push(client);
    return client;
  };
  return {
    ...emulator,
    clock,
    neptune: kept(new NeptuneClient({ ...settings, endpoint: endpoints.neptune })),
    graph: kept(new NeptuneGraphClient({ ...settings, endpoint: endpoints.graph })),
    sqs: kept(new SQSClient({ ...settings, endpoint: endpoints.sqs })),
    data: (port) => kept(new NeptunedataClient({ ...settings, endpoint: `http://127.0.0.1:${port}` })),
    async close() {
      for (const client of clients) client.destroy();
      await emulator.close();
    },
  };
}

/** What a call that must fail failed with. */
export async function refusalOf(call: Promise<unknown>): Promise<{
  name: string;
  status: number | undefined;
  message: string;
  error: Record<string, unknown>;
}> {
  try {
    await call;
  } catch (error) {
    const given = error as Error & { $metadata?: { httpStatusCode?: number }; detailedMessage?: string };
    return {
      name: given.name,
      status: given.$metadata?.httpStatusCode,
      message: given.detailedMessage ?? given.message,
      error: given as unknown as Record<string, unknown>,
    };
  }
  throw new Error('the call succeeded');
}

/** A request by hand, signed well enough for the stand-ins. */
export function signedHeaders(service: string, date: Date = new Date()): Record<string, string> {
  const amzDate = date.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${amzDate.slice(0, 8)}/eu-west-1/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
  return { authorization, 'x-amz-date': amzDate };
}
