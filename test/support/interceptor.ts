// A proxy between the service and AWS: it sees each request before passing it on, or answers it itself, as a load
// balancer does.
import { type IncomingMessage, type ServerResponse, createServer, request as forward } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

export interface Interceptor {
  readonly port: number;
  readonly url: string;
  /** For the next request whose `METHOD /path body` matches: answers with the result of `answer`, or passes it on. */
  meetNext(meets: RegExp, answer: () => Answer | undefined): void;
  close(): Promise<void>;
}

/** `upstreamPort` is called for each request. */
export async function startInterceptor(upstreamPort: () => number): Promise<Interceptor> {
  let armed: { readonly meets: RegExp; readonly answer: () => Answer | undefined }[] = [];
  const pass = (request: IncomingMessage, body: Buffer, response: ServerResponse): void => {
    const { method, url: path, headers } = request;
    const onward = forward({ host: '127.0.0.1', port: upstreamPort(), method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => request.socket.destroy());
    onward.end(body);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const told = armed.find(({ meets }) => meets.test(`${request.method} ${request.url} ${body.toString()}`));
      armed = armed.filter((other) => other !== told);
      const answer = told?.answer();
      if (answer === undefined) return pass(request, body, response);
      response.writeHead(answer.status, { 'content-type': answer.type });
      response.end(answer.body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    meetNext: (meets, answer) => void armed.push({ meets, answer }),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
