// Turns errors into problem documents (RFC 9457) with stable codes. Of an internal error the caller learns only that it
// happened.
import type { FastifyError, FastifyInstance } from 'fastify';
import { ServiceError, errorTable } from '../errors.ts';
import { withoutSecrets } from '../redact.ts';
import { storeTroubleOf } from '../records/store-trouble.ts';

/** The limit of a request's body; bytes. */
export const largestBody = 65_536;

/**
 * Fastify calls a body that has a key which could reach a prototype no JSON, though it is; it stays refused. And it refuses
 * an empty body that is called JSON, as many clients send with whatever they ask; that is none.
 */
export function readJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addHook('onRequest', async ({ raw: { headers } }) => {
    const isEmpty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
    if (isEmpty) delete headers['content-type'];
  });
  server.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined);
    void parse(request, body, (error, json) => {
      const message = 'The body has a key that is never taken: __proto__, or constructor with a prototype in it.';
      done(error && isJson(body) ? new ServiceError('invalid-request', message) : error, json);
    });
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** RFC 9457. */
export function problem({ code, status, message, details }: ServiceError): Record<string, unknown> {
  return {
    type: `urn:neptune-ops:error:${code}`,
    title: errorTable[code].title,
    status,
    code,
    // People paste keys into wrong fields, and problem documents are passed on and stored.
    detail: withoutSecrets(message),
    ...details,
    ...(details.errors ? { errors: details.errors.map((each) => ({ ...each, path: withoutSecrets(each.path) })) } : {}),
  };
}

/** The refusal that a caller gets for an error. It hides what isn't meant for callers. */
export function serviceErrorOf(error: FastifyError): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new ServiceError('too-large', `A request's body has at most ${largestBody} bytes.`);
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ServiceError('unsupported-media-type', 'Send the input as JSON, with content-type: application/json.');
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new ServiceError('invalid-request', error.message.replace(/\s+/g, ' ').slice(0, 300));
  }
  const trouble = storeTroubleOf(error);
  if (trouble !== undefined) {
    return new ServiceError(
      'store-unreachable',
      `The store ${trouble}. Nothing is lost: ask again with the same Idempotency-Key.`,
    );
  }
  return new ServiceError('internal-error', 'This is an error of neptune-ops. Its log says more.');
}
