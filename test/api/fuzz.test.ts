// Whatever is thrown at the door: never an error of ours, and never a job stored that its operation's schema would refuse.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationNames, operationOf } from '../../src/handlers/index.ts';
import { type JobRecord, indexOf } from '../../src/records/job.ts';
import { type OpenStorage, storageKinds } from '../support/storages.ts';
import { type TestDoor, openDoor } from './server.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

const oddText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'toString',
    '\u0000',
    '..',
    '%00',
    'dev-1',
    'g-0123456789',
    't-0123456789',
  ),
);
const anyJson = fc.jsonValue({ maxDepth: 3 });

/** An input that is right, or nearly, or not at all. */
const input = fc.constantFrom(...operationNames).chain((name) => {
  const example: object = operationOf(name)?.example ?? {};
  const spoiled = fc
    .tuple(fc.constantFrom(...Object.keys(example), 'extra', '__proto__', 'constructor'), fc.oneof(oddText, anyJson))
    .map(([field, value]) => ({ ...example, [field]: value }));
  return fc.tuple(fc.constant(name), fc.oneof(fc.constant(example), spoiled, anyJson, fc.dictionary(oddText, anyJson)));
});

const query = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      'target',
      'on-busy',
      'deadline',
      'limit',
      'cursor',
      'state',
      'operation',
      'resource',
      'since',
      'until',
    ),
    oddText,
  ),
  fc.oneof(oddText, fc.constantFrom('default', 'prod', 'wait', 'refuse', '2027-01-01T00:00:00Z', '5', '-1', '1e9')),
  { maxKeys: 3 },
);

/** Half a surrogate pair can't be written in an address. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function encoded(parts: Record<string, string>): string {
  const entries = Object.entries(parts).map(([name, value]): [string, string] => [wellFormed(name), wellFormed(value)]);
  return new URLSearchParams(entries).toString();
}

describe.each(storageKinds())('the door on $name', ({ open }) => {
  let opened: OpenStorage;
  let door: TestDoor;

  beforeAll(async () => {
    opened = await open();
    door = openDoor(opened.storage);
  });
  afterAll(async () => {
    await door?.close();
    await opened?.close();
  });

  async function checkStored(): Promise<number> {
    let checked = 0;
    const { records } = await opened.storage.store.page<JobRecord>(indexOf.jobs, { order: 'newest', limit: 1_000 });
    for (const { value: job } of records) {
      const parsed = operationOf(job.operation)?.input.safeParse(job.input);
      expect(parsed?.error, JSON.stringify(job.input)).toBeUndefined();
      expect(parsed?.data).toEqual(job.input);
      checked += 1;
    }
    return checked;
  }

  it('takes what the schema takes, and nothing else, without an error of its own', async () => {
    await fc.assert(
      fc.asyncProperty(input, query, fc.option(oddText), async ([name, body], parts, key) => {
        const { statusCode } = await door.ask('POST', `/v1/operations/${name}?${encoded(parts)}`, {
          headers: {
            'content-type': 'application/json',
            ...(key === null
              ? {}
              : {
                  'idempotency-key': Buffer.from(key, 'utf8')
                    .toString('latin1')
                    .replace(/[\r\n\0]/g, ''),
                }),
          },
          payload: JSON.stringify(body),
        });
        expect(statusCode).toBeLessThan(500);
        const accepted = statusCode < 300;
        if (accepted) expect(operationOf(name)?.input.safeParse(body).success).toBe(true);
      }),
      { numRuns },
    );
    expect(await checkStored()).toBeGreaterThan(0);
  });

  it('survives bodies that are no JSON', async () => {
    const before = await opened.storage.store.count(indexOf.jobs);
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/json', '', 'x'),
        async (bytes, type) => {
          const { statusCode } = await door.ask('POST', '/v1/operations/stop-db-cluster', {
            headers: { 'content-type': type },
            payload: Buffer.from(bytes),
          });
          expect(statusCode).toBeGreaterThanOrEqual(400);
          expect(statusCode).toBeLessThan(500);
        },
      ),
      { numRuns },
    );
    expect(await opened.storage.store.count(indexOf.jobs)).toBe(before);
  });

  it('survives any address and any query', async () => {
    const path = fc.oneof(
      oddText.map((text) => `/v1/jobs/${encodeURIComponent(wellFormed(text))}`),
      fc.constant('/v1/jobs'),
      fc.stringMatching(/^[ -~]{0,40}$/).map((text) => `/v1/${text.replaceAll(' ', '+')}`),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'DELETE', 'POST', 'PUT', 'HEAD'),
        path,
        query,
        async (method, address, parts) => {
          const { statusCode } = await door.ask(method as 'GET', `${address}?${encoded(parts)}`);
          expect(statusCode).toBeLessThan(500);
        },
      ),
      { numRuns },
    );
  });
});
