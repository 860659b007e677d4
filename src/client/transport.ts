// Sends one request to the service and interprets the answer. The API key never appears in a message or a cause.
import type { FieldProblem } from '../errors.ts';
import { NeptuneOpsError } from './errors.ts';
import { retry } from './retry.ts';

export interface Connection {
  /** The service's address: `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** How long a request that fails in a way that passes is tried again, in milliseconds; a wait has its own time. Default `30000`. */
  readonly retryForMs?: number | undefined;
}

interface Call {
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Time limit of one try; milliseconds. Default `30000`. */
  readonly answerWithinMs?: number | undefined;
  /** Instead of the connection's. */
  readonly retryForMs?: number | undefined;
}

interface Answer<Body> {
  readonly headers: Headers;
  readonly body: Body;
}

/** In milliseconds. */
export const defaultRetryForMs = 30_000;

/** Answers aren't validated, because the service has checked what it stores. */
export type Transport = <Body>(method: string, path: string, call?: Call) => Promise<Answer<Body>>;

/**
 * Makes the function that sends requests. Throws `invalid-settings`. It retries failures that may pass, and rejects
 * with the last one.
 */
export function createTransport({
  url,
  apiKey,
  fetch = globalThis.fetch,
  retryForMs = defaultRetryForMs,
}: Connection): Transport {
  const base = baseOf(url);
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new NeptuneOpsError('invalid-settings', 'The API key has letters that no key has. Is it cut or quoted?');
  }
  const authorization: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };

  return <Body>(method: string, path: string, call: Call = {}) => {
    const { query = {}, headers = {}, body, signal, answerWithinMs = 30_000, retryForMs: forMs = retryForMs } = call;
    const address = new URL(base + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const once = async (): Promise<Answer<Body>> => {
      signal?.throwIfAborted();
      const tooLong = AbortSignal.timeout(answerWithinMs);
      try {
        const response = await fetch(address, {
          method,
          headers: { accept: 'application/json', ...json, ...authorization, ...headers },
          redirect: 'manual',
          signal: signal ? AbortSignal.any([signal, tooLong]) : tooLong,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return { headers: response.headers, body: read(response, await response.text(), address) as Body };
      } catch (error) {
        if (error instanceof NeptuneOpsError) throw error;
        signal?.throwIfAborted();
        const why = tooLong.aborted ? `no answer within ${answerWithinMs / 1_000} s` : reasonOf(error);
        throw new NeptuneOpsError('unreachable', `neptune-ops can’t be reached at ${address.origin}: ${why}.`);
      }
    };
    return retry(once, { forMs, signal });
  };
}

function baseOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password || parsed.search) {
    const message = 'The address of neptune-ops is a plain http or https URL, like http://127.0.0.1:3000';
    throw new NeptuneOpsError('invalid-settings', message);
  }
  return parsed.href.replace(/[/#]+$/, '');
}

/** Node puts the reason into the cause, with an empty message where several addresses were tried. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? (error as Error).name;
}

interface Problem {
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  readonly holder?: string;
}

function read({ ok, status, headers }: Response, text: string, address: URL): unknown {
  if (status === 204) return null;
  const body = parse(text);
  if (ok && typeof body === 'object') return body;
  const retryAfterMs = retryAfter(headers.get('retry-after'));
  if (isProblem(body)) {
    const { code, detail, errors, holder } = body;
    throw new NeptuneOpsError(code, detail ?? code, { status, errors, holder, retryAfterMs });
  }
  const message =
    status >= 300 && status < 400
      ? `${address.origin} answers ${status} and leads elsewhere. Give the address it leads to.`
      : `${address.origin} answers ${status}, but not as neptune-ops does. Is this its address?`;
  throw new NeptuneOpsError('unexpected-answer', message, { status, retryAfterMs });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && typeof (body as { code?: unknown }).code === 'string';
}

/** From seconds or a date to milliseconds from now. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const milliseconds = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}
