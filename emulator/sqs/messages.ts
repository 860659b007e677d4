// SQS messages: allowed contents, size, and the MD5 digests that the SDK verifies.
import { createHash } from 'node:crypto';
import { refusal } from '../refusal.ts';

/** A message attribute on the wire. `BinaryValue` is base64. */
interface Attribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

export type Attributes = Readonly<Record<string, Attribute>>;

/** One message from its sender: SendMessage, or an entry of SendMessageBatch. */
export interface Draft {
  MessageBody?: string;
  DelaySeconds?: number;
  MessageAttributes?: Attributes;
  MessageSystemAttributes?: Attributes;
  MessageDeduplicationId?: string;
  MessageGroupId?: string;
}

/** The limit of a message, and of a batch in all: 1 MiB. */
export const MAX_BYTES = 1_048_576;

// XML 1.0 characters: tab, line feed, carriage return, and everything from the space on but surrogates, FFFE and FFFF.
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const ATTRIBUTE_NAME = /^(?!\.|.*\.\.|.*\.$)(?!aws\.|amazon\.)[A-Za-z0-9_.-]{1,256}$/i;
const DATA_TYPE = /^(String|Number|Binary)(\..+)?$/;
const ID_OF_128 = /^[\x21-\x7e]{1,128}$/;

export function invalidValue(message: string): Error {
  return refusal('sqs', 'InvalidParameterValueException', message);
}

export function missingParameter(parameter: string): Error {
  return refusal('sqs', 'MissingRequiredParameterException', `The request must contain the parameter ${parameter}.`);
}

export function md5(data: string | Buffer): string {
  return createHash('md5').update(data).digest('hex');
}

function valueOf({ DataType, StringValue, BinaryValue }: Attribute): Buffer {
  return DataType.startsWith('Binary') ? Buffer.from(BinaryValue ?? '', 'base64') : Buffer.from(StringValue ?? '');
}

function withLength(data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, data]);
}

/** The digest of the attributes in SQS's encoding; `undefined` if there are none. */
export function digestAttributes(attributes: Attributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts = names.flatMap((name) => {
    const attribute = attributes[name] as Attribute;
    const transport = Buffer.from([attribute.DataType.startsWith('Binary') ? 2 : 1]);
    const type = Buffer.from(attribute.DataType);
    return [withLength(Buffer.from(name)), withLength(type), transport, withLength(valueOf(attribute))];
  });
  return md5(Buffer.concat(parts));
}

/** The size in bytes: the body, and each attribute's name, type and value. */
export function sizeOf({ MessageBody = '', MessageAttributes = {} }: Draft): number {
  return Object.entries(MessageAttributes).reduce(
    (sum, [name, attribute]) =>
      sum + Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + valueOf(attribute).length,
    Buffer.byteLength(MessageBody),
  );
}

/** Throws SQS's error for this message, whatever the queue. */
export function checkDraft(draft: Draft): void {
  const { MessageBody: body, DelaySeconds: delay, MessageAttributes: attributes = {} } = draft;
  if (body === undefined || body === '') throw missingParameter('MessageBody');
  if (FORBIDDEN.test(body)) {
    throw refusal('sqs', 'InvalidMessageContents', 'Invalid characters in the message body, outside the allowed set.');
  }
  if (sizeOf(draft) > MAX_BYTES) {
    throw invalidValue(`One or more parameters are invalid. Reason: Message must be shorter than ${MAX_BYTES} bytes.`);
  }
  if (delay !== undefined && !(Number.isInteger(delay) && delay >= 0 && delay <= 900)) {
    throw invalidValue(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
  for (const id of ['MessageDeduplicationId', 'MessageGroupId'] as const) {
    const value = draft[id];
    if (value !== undefined && !ID_OF_128.test(value)) {
      throw invalidValue(
        `Value ${value} for parameter ${id} is invalid. Reason: 1 to 128 alphanumeric or punctuation characters.`,
      );
    }
  }
  checkAttributes(attributes);
}

function checkAttributes(attributes: Attributes): void {
  const entries = Object.entries(attributes);
  if (entries.length > 10) {
    throw invalidValue(`Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`);
  }
  for (const [name, attribute] of entries) {
    if (!ATTRIBUTE_NAME.test(name)) throw invalidValue(`The message attribute name '${name}' is invalid.`);
    if (!DATA_TYPE.test(attribute.DataType ?? '')) {
      throw invalidValue(`The message attribute '${name}' has an invalid message attribute type.`);
    }
    if (valueOf(attribute).length === 0) throw invalidValue(`The message attribute '${name}' must contain a value.`);
    if (attribute.StringValue !== undefined && FORBIDDEN.test(attribute.StringValue)) {
      throw refusal('sqs', 'InvalidMessageContents', `Invalid characters in the message attribute '${name}'.`);
    }
  }
}
