// Checks that a request is signed for the right service and recently. It doesn't verify the signature itself.
import type { IncomingHttpHeaders } from 'node:http';
import { type EmulatedApi, usualFault } from './api-errors.ts';
import { type ApiRefusal, refusal } from './refusal.ts';

const SIGNED =
  /^AWS4-HMAC-SHA256 Credential=[^/\s]+\/\d{8}\/[a-z0-9-]+\/([a-z-]+)\/aws4_request, ?SignedHeaders=[^,\s]+, ?Signature=[0-9a-f]{64}$/;

const FIVE_MINUTES = 5 * 60 * 1000;

/** The service name in each API's signatures. */
const signingName: Readonly<Record<EmulatedApi, string>> = {
  neptune: 'rds',
  'neptune-graph': 'neptune-graph',
  neptunedata: 'neptune-db',
  sqs: 'sqs',
};

/** Milliseconds since 1970 of `20261120T100000Z`; NaN if it isn't such a date. */
function parseAmzDate(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  return match ? Date.parse(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`) : Number.NaN;
}

/** The fault of the signature, if there is one. Its age is measured by the real clock, as the SDK's is. */
export function findSignatureFault(api: EmulatedApi, headers: IncomingHttpHeaders): ApiRefusal | undefined {
  if (headers.authorization === undefined) {
    const message = api === 'neptunedata' ? 'Missing Authentication Token' : 'Request is missing Authentication Token';
    return refusal(api, usualFault[api].unsigned, message);
  }
  const bad = (message: string) => refusal(api, usualFault[api].badSignature, message, { status: 403 });
  const scope = SIGNED.exec(headers.authorization)?.[1];
  if (scope === undefined) return bad('Authorization header is not a complete AWS4-HMAC-SHA256 signature.');
  if (scope !== signingName[api]) {
    return bad(`Credential should be scoped to correct service: '${signingName[api]}'.`);
  }
  const date = String(headers['x-amz-date'] ?? '');
  const age = Date.now() - parseAmzDate(date);
  if (Number.isNaN(age)) return bad('Date in X-Amz-Date header is missing or malformed.');
  if (age > FIVE_MINUTES) return bad(`Signature expired: ${date} is now earlier than five minutes ago.`);
  if (age < -FIVE_MINUTES) return bad(`Signature not yet current: ${date} is still later than in five minutes.`);
  return undefined;
}
