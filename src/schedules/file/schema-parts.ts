// Parts that the schema of a schedules file is made of: texts that must match a pattern, and mappings with fixed keys.
import { z } from 'zod';

export const datePattern = /^\d{4}-\d\d-\d\d$/;
const namePattern = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,62}$/;

type Text = { description: string; examples: readonly string[] };
/** A text that matches a pattern. `rule` is the error message: it says what is right and gives an example. */
export const text = (pattern: RegExp, rule: string, meta: Text) =>
  z
    .string(rule)
    .regex(pattern, rule)
    .meta({ description: meta.description, examples: [...meta.examples] });

/** A mapping that takes only these keys. */
export function section<Shape extends z.core.$ZodLooseShape>(rule: string, shape: Shape) {
  const error: z.core.$ZodErrorMap = (issue) =>
    issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : rule;
  return z.strictObject(shape, { error });
}

const nameRule =
  'a name has 1 to 63 lower-case letters, digits and single hyphens, and begins with a letter. Example: office-hours';
export const name = z.string(nameRule).regex(namePattern, nameRule);
export const dateRule = 'a date is year-month-day. Example: 2026-12-25';

export const timeZone = z
  .string('a time zone is a name from the IANA list. Example: Europe/Berlin')
  .meta({ description: 'The time zone of all times here, by its IANA name.', examples: ['Europe/Berlin', 'UTC'] });
