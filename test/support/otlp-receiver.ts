// Receives traces over HTTP like a collector, and decodes the spans from OTLP's protobuf without using the SDK that
// sends them.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly failed: boolean;
  /** The attributes of the process that sent it. */
  readonly resource: Readonly<Record<string, string | number | boolean>>;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** The bytes as they came, to search in. */
  readonly raw: readonly string[];
  close(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const raw: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      raw.push(body.toString('latin1'));
      if (request.url === '/v1/traces') spans.push(...spansOf(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    raw,
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The fields of a message by number: numbers as they are, everything else as bytes. */
function fieldsOf(bytes: Buffer): Map<number, (Buffer | bigint)[]> {
  const fields = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const varint = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      shift += 7n;
    }
  };
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const tag = Number(varint());
    const read: Readonly<Record<number, () => Buffer | bigint>> = {
      0: varint,
      1: () => take(8),
      2: () => take(Number(varint())),
      5: () => take(4),
    };
    const value = read[tag & 7]?.();
    if (value === undefined) throw new Error(`wire type ${tag & 7} is none of OTLP's`);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

const buffers = (fields: Map<number, (Buffer | bigint)[]>, number: number) => (fields.get(number) ?? []) as Buffer[];
const first = (fields: Map<number, (Buffer | bigint)[]>, number: number) => buffers(fields, number)[0] ?? Buffer.of();

function spansOf(body: Buffer): ReceivedSpan[] {
  return buffers(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const parts = fieldsOf(resourceSpans);
    const resource = attributesOf(buffers(fieldsOf(first(parts, 1)), 1));
    return buffers(parts, 2)
      .flatMap((scope) => buffers(fieldsOf(scope), 2))
      .map((bytes) => {
        const span = fieldsOf(bytes);
        return {
          traceId: first(span, 1).toString('hex'),
          spanId: first(span, 2).toString('hex'),
          parentSpanId: first(span, 4).toString('hex'),
          name: first(span, 5).toString(),
          kind: Number(span.get(6)?.[0] ?? 0),
          attributes: attributesOf(buffers(span, 9)),
          failed: fieldsOf(first(span, 15)).get(3)?.[0] === 2n,
          resource,
        };
      });
  });
}

function attributesOf(pairs: readonly Buffer[]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const parts = fieldsOf(pair);
      const value = fieldsOf(first(parts, 2));
      const [text, flag, whole] = [value.get(1)?.[0], value.get(2)?.[0], value.get(3)?.[0]];
      const read = text === undefined ? (flag === undefined ? Number(whole ?? 0n) : flag === 1n) : String(text);
      return [first(parts, 1).toString(), read];
    }),
  );
}
