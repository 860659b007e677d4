// Makes flags from an operation's input schema: --db-cluster-identifier dev-1 is { dbClusterIdentifier: 'dev-1' }.
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { JsonObject, Operation } from '../operation.ts';

interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Property;
  readonly additionalProperties?: Property | boolean;
}

/** How a field is written on the command line. */
type Form = 'text' | 'number' | 'yes-no' | 'list' | 'record' | 'json';

export interface Flag {
  readonly field: string;
  readonly form: Form;
  readonly option: Option;
}

const placeholders: Readonly<Record<Form, string>> = {
  text: '<text>',
  number: '<number>',
  'yes-no': '[yes|no]',
  list: '<text>',
  record: '<key=value>',
  json: '<json>',
};

/** One flag per field of the operation's input. None is mandatory, because --input can give the field too. */
export function flagsOf(operation: Pick<Operation, 'input'>): Flag[] {
  const schema = z.toJSONSchema(operation.input, { io: 'input' });
  return Object.entries((schema.properties ?? {}) as Record<string, Property>).map(([field, property]) => {
    const form = formOf(property);
    const needed = schema.required?.includes(field) ? '(required) ' : '';
    const again = form === 'list' || form === 'record' ? ' Repeatable.' : '';
    const option = new Option(
      `${nameOf(field)} ${placeholders[form]}`,
      `${needed}${property.description ?? ''}${again}`,
    );
    const choices = property.enum?.map(String);
    if (form === 'text' && choices) option.choices(choices);
    else option.argParser((text: string, before?: unknown) => read(form, text, before));
    return { field, form, option };
  });
}

/** The fields that were given as flags. */
export function givenFields(flags: readonly Flag[], options: Readonly<Record<string, unknown>>): JsonObject {
  const given = flags.flatMap(({ field, form, option }) => {
    const value = options[option.attributeName()];
    return value === undefined ? [] : [[field, form === 'yes-no' ? value !== false : value]];
  });
  return Object.fromEntries(given) as JsonObject;
}

/** The input as flags with values, as a person would type them. */
export function asFlags(flags: readonly Flag[], input: JsonObject): string[] {
  return flags.flatMap(({ field, form }) => {
    const value = input[field];
    if (value === undefined || value === null) return [];
    const values =
      form === 'record'
        ? Object.entries(value).map(([key, text]) => `${key}=${String(text)}`)
        : form === 'list'
          ? (value as readonly unknown[]).map(String)
          : [form === 'json' ? JSON.stringify(value) : String(value)];
    return values.map((text) => `${nameOf(field)} ${quoted(text)}`);
  });
}

/** `dbClusterIdentifier` → `--db-cluster-identifier`. */
export function nameOf(field: string): string {
  return `--${field.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()}`;
}

function formOf({ type, items, additionalProperties }: Property): Form {
  if (type === 'string') return 'text';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'boolean') return 'yes-no';
  if (type === 'array' && items?.type === 'string') return 'list';
  const ofTexts = typeof additionalProperties === 'object' && additionalProperties.type === 'string';
  return type === 'object' && ofTexts ? 'record' : 'json';
}

function read(form: Form, text: string, before: unknown): unknown {
  switch (form) {
    case 'text':
      return text;
    case 'number':
      if (text.trim() === '' || !Number.isFinite(Number(text))) throw new InvalidArgumentError('It is a number.');
      return Number(text);
    case 'yes-no':
      if (!/^(yes|no|true|false)$/.test(text)) throw new InvalidArgumentError('It is yes or no.');
      return text === 'yes' || text === 'true';
    case 'list':
      return [...((before as string[] | undefined) ?? []), text];
    case 'record': {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (key === undefined) throw new InvalidArgumentError('It is key=value.');
      return { ...(before as JsonObject | undefined), [key]: value };
    }
    case 'json':
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw new InvalidArgumentError('It is JSON.');
      }
  }
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
