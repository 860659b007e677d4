// Fields that several requests share, each with the rule for its error message.
import { z } from 'zod';
import { plainText, plainTextRule } from '../plain-text.ts';
import { holdsSecret } from '../redact.ts';

/** Parsed to milliseconds since 1970. */
export const instantField = z.iso
  .datetime({ offset: true, error: 'a date and time with its zone, as ISO 8601 writes it' })
  .transform((text) => Date.parse(text));

export const reasonField = z
  .string('say why: others will want to know')
  .trim()
  .min(1, 'say why: others will want to know')
  .max(500, 'at most 500 characters')
  .regex(plainText, plainTextRule)
  // The text is stored and shown.
  .refine((text) => !holdsSecret(text), 'holds what looks like an API key or a password; leave it out');
