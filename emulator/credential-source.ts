// A source of credentials like those of containers: a URL that answers with keys, or accepts requests and never
// answers.
import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CredentialSource {
  /** The settings that point the AWS SDK to it, if the environment has no keys. */
  readonly env: Readonly<Record<string, string>>;
  /** What it does from now on. */
  does: 'answer' | 'hang';
  accessKeyId: string;
  /** The number of requests. */
  readonly asked: number;
  close(): Promise<void>;
}

export async function startCredentialSource(): Promise<CredentialSource> {
  let asked = 0;
  const hanging: ServerResponse[] = [];
  const server = createServer({ requestTimeout: 0 }, (_request, response) => {
    asked += 1;
    if (source.does === 'hang') hanging.push(response);
    else answer(response);
  }).listen(0, '127.0.0.1');
  const answer = (response: ServerResponse) => {
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    const keys = { AccessKeyId: source.accessKeyId, SecretAccessKey: 'stand-in', Token: 'stand-in', Expiration };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(keys));
  };
  await once(server, 'listening');
  const source: CredentialSource = {
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
    does: 'answer',
    accessKeyId: 'stand-in',
    get asked() {
      return asked;
    },
    async close() {
      // Cut off, the SDK would ask another source.
      for (const response of hanging) answer(response);
      await new Promise((resolve) => setImmediate(resolve));
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return source;
}
