// Makes the load of `accept.ts` in its own process, so that its CPU isn't counted. Reads one order per line and answers
// with one line.
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';

export interface Order {
  readonly url: string;
  readonly clients: number;
  readonly requests: number;
  readonly withKey: boolean;
  /** The first number of this order's clusters. Each request uses its own cluster. */
  readonly from: number;
}

/** Milliseconds and requests per second, as the clients saw them. */
export interface Load {
  readonly perSecond: number;
  readonly p99: number;
}

for await (const line of createInterface(process.stdin)) {
  console.log(JSON.stringify(await play(JSON.parse(line) as Order)));
}

async function play({ url, clients, requests, withKey, from }: Order): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const took: number[] = [];
  let sent = 0;
  const began = performance.now();
  const client = async () => {
    while (sent < requests) {
      const number = from + sent++;
      const start = performance.now();
      const headers = {
        'content-type': 'application/json',
        ...(withKey ? { 'idempotency-key': `key-${number}` } : {}),
      };
      await new Promise<void>((resolve, reject) => {
        const call = request(`${url}/v1/operations/stop-db-cluster`, { method: 'POST', agent, headers }, (answer) => {
          answer.resume().once('end', resolve);
          if (answer.statusCode !== 202) reject(new Error(`A request was answered with ${answer.statusCode}.`));
        });
        call.once('error', reject).end(JSON.stringify({ dbClusterIdentifier: `bench-${number}` }));
      });
      took.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - began) / 1_000;
  agent.destroy();
  took.sort((a, b) => a - b);
  return { perSecond: requests / seconds, p99: took[Math.floor(requests * 0.99)] ?? 0 };
}
