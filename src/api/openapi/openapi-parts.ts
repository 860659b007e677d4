// Shared parts of the OpenAPI document: answers, problems, bodies and parameters from their schemas.
import { z } from 'zod';
import { type JsonSchema, ref } from './openapi-schemas.ts';

export const answers = (description: string, schema: JsonSchema, headers?: JsonSchema) => ({
  description,
  ...(headers ? { headers } : {}),
  content: { 'application/json': { schema } },
});
export const refused = {
  description: 'Refused',
  content: { 'application/problem+json': { schema: ref('Problem') } },
};
export const problems = { default: refused };

/** The JSON Schema of the input, before defaults are filled in. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

export function body(schema: z.ZodType, example: JsonSchema): JsonSchema {
  return { required: true, content: { 'application/json': { schema: schemaOf(schema), example } } };
}

export function queryParameters(schema: z.ZodObject): JsonSchema[] {
  const { properties = {} } = schemaOf(schema) as { properties?: Record<string, JsonSchema> };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: 'query',
    ...(description ? { description } : {}),
    schema: rest,
  }));
}
