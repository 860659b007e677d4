// The schema of a schedules file: every key with its meaning and an example. Editors use it as JSON Schema.
// schedule-file.ts checks what spans several keys.
import { z } from 'zod';
import { cronEntry, runningEntry } from './entry-schema.ts';
import { dateRule, datePattern, name, section, text, timeZone } from './schema-parts.ts';

/** The limit of schedules in a file. */
export const mostSchedules = 200;

const price = (what: string) =>
  z.number(`a price is a number, ${what}. Example: 0.3287`).min(0, 'a price is 0 or more. Example: 0.3287');

const prices = section(
  'prices are what an hour costs. Example: { currency: USD, instances: { db.r6g.large: 0.3287 } }',
  {
    currency: text(/^[A-Z]{3}$/, 'a currency has three capital letters. Example: USD', {
      description: 'The currency of all prices.',
      examples: ['USD'],
    }),
    instances: z
      .record(
        z.string().regex(/^db\.[a-z0-9.-]+$/, 'an instance class begins with db. Example: db.r6g.large'),
        price('for one instance an hour'),
        'instances is a mapping. Example: { db.r6g.large: 0.3287 }',
      )
      .optional()
      .meta({
        description: 'What one instance of a class costs an hour. A class that isn’t here is unknown, never guessed.',
        examples: [{ 'db.r6g.large': 0.3287 }],
      }),
    'graph-memory': price('for one m-NCU an hour')
      .optional()
      .meta({
        description: 'What one m-NCU (1 GB of a graph’s provisioned memory) costs an hour.',
        examples: [0.48],
      }),
  },
);

const file = {
  version: z
    .literal(1, 'version is 1, the only one there is')
    .meta({ description: 'The version of this format: 1.', examples: [1] }),
  timeZone: timeZone.optional().meta({
    description: 'The time zone of all schedules that name none, by its IANA name.',
    examples: ['Europe/Berlin', 'UTC'],
  }),
  holidays: z
    .record(
      name,
      z.array(
        text(datePattern, dateRule, { description: 'A date.', examples: ['2026-12-25'] }),
        'a list of holidays is a list of dates. Example: [2026-12-25, 2026-12-26]',
      ),
      'holidays is a mapping of lists. Example: { germany: [2026-12-25] }',
    )
    .nullable()
    .optional()
    .meta({
      description: 'Lists of dates, by name, for `except`.',
      examples: [{ germany: ['2026-12-25', '2026-12-26'] }],
    }),
  prices: prices.optional().meta({
    description: 'What an hour costs, to work out what was saved. Without a price nothing is guessed.',
    examples: [{ currency: 'USD', instances: { 'db.r6g.large': 0.3287 } }],
  }),
};
const schedulesRule = 'schedules is a mapping of names to schedules';
const schedulesMeta = {
  description: `The schedules, by name; at most ${mostSchedules}.`,
  examples: [
    { nights: { running: { days: 'mon-fri', from: '07:00', to: '19:00' }, applies: [{ clusters: ['dev-1'] }] } },
  ],
};

/**
 * The file without its schedules' contents. Each schedule is checked by itself, so that one mistake doesn't hide
 * others.
 */
export const shell = section('a schedules file is a mapping that begins with version: 1', {
  ...file,
  schedules: z.record(name, z.unknown(), schedulesRule).nullable().optional().meta(schedulesMeta),
});

const whole = section('', {
  ...file,
  schedules: z
    .record(name, z.union([runningEntry, cronEntry]), schedulesRule)
    .nullable()
    .optional()
    .meta(schedulesMeta),
});

/** The JSON Schema (2020-12) of a schedules file, for editors; docs/schedules.schema.json is made from it. */
export function schedulesSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(whole, { io: 'input', unrepresentable: 'throw', reused: 'inline' }),
    title: 'Schedules of neptune-ops',
    description: 'When Amazon Neptune resources run and sleep, and what is done on a schedule. See docs/schedules.md.',
  };
}
