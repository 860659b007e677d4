// Sends HTTP requests to AWS, with bounds on the size of an answer and the time until its last byte. The SDK bounds
// neither.
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Readable } from 'node:stream';
import { proxyAgents } from '../proxy.ts';
import { ForeignAnswer } from './faults.ts';

/** The largest answer that is read; bytes. A hundred clusters with all their instances take a few hundred thousand. */
const largestAnswer = 8 * 1024 * 1024;

type Handle = NodeHttpHandler['handle'];
type HttpRequest = Parameters<Handle>[0];

/** The signal that breaks a request off, beside the options that the SDK passes on. */
const limits = new WeakMap<object, AbortSignal>();

/** Lets the signal break off this request until its last byte has come. */
export function limitRequest(request: object, signal: AbortSignal): void {
  limits.set(request, signal);
}

/** `timeout`: for a request without a limit of its own; milliseconds. */
export class BoundedHandler extends NodeHttpHandler {
  readonly #timeout: number;

  constructor(timeout: number) {
    super({ connectionTimeout: 3_000, socketTimeout: 30_000, ...proxyAgents() });
    this.#timeout = timeout;
  }

  override async handle(request: HttpRequest, options: Parameters<Handle>[1] = {}): ReturnType<Handle> {
    const given = options.abortSignal as AbortSignal | undefined;
    const own = limits.get(request) ?? AbortSignal.timeout(this.#timeout);
    const abortSignal = given === undefined ? own : AbortSignal.any([given, own]);
    const { response } = await super.handle(request, { ...options, abortSignal });
    try {
      response.body = await readAll(response.statusCode, response.body as Readable);
    } catch (error) {
      if (abortSignal.aborted) throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
      throw error;
    }
    return { response };
  }
}

async function readAll(status: number, body: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the stream and its connection.
    if (size > largestAnswer) throw new ForeignAnswer(status, `more than ${largestAnswer} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
