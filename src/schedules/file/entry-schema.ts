// The schema of one schedule in a file, with `running` or with `cron`: every key with its meaning and an example.
/* oxlint-disable unicorn/no-thenable -- `then` is a word of the file, and nobody awaits what has it. */
import { z } from 'zod';
import { operationNames } from '../../handlers/index.ts';
import { plainText } from '../../plain-text.ts';
import { section, text, timeZone } from './schema-parts.ts';

const dayName = '(?:mon|tue|wed|thu|fri|sat|sun)';
const dayPart = `(?:daily|weekdays|weekends|${dayName}(?:-${dayName})?)`;

const clock = '(?:[01]?\\d|2[0-3]):[0-5]\\d';
const timeRule = 'a time has hours and minutes on the 24-hour clock, in quotes. Example: "07:00"';
const window = section('a window is days, from and to. Example: { days: mon-fri, from: "07:00", to: "19:00" }', {
  days: z
    .union(
      [
        text(
          new RegExp(`^${dayPart}(?: *, *${dayPart})*$`),
          'days are mon, tue, wed, thu, fri, sat, sun, spans and lists of them, daily, weekdays or weekends. Example: mon-fri',
          { description: 'Days as one text.', examples: ['mon-fri', 'mon,wed,fri', 'daily', 'weekends'] },
        ),
        z
          .array(
            text(new RegExp(`^${dayPart}$`), 'a day is mon, tue, wed, thu, fri, sat or sun, or a span. Example: mon', {
              description: 'A day, or a span of days.',
              examples: ['mon', 'mon-fri'],
            }),
          )
          .min(1, 'a list of days names at least one. Example: [mon, wed]'),
      ],
      'days are a text or a list. Example: mon-fri',
    )
    .meta({ description: 'On which days of the week.', examples: ['mon-fri', ['mon', 'wed']] }),
  from: text(new RegExp(`^${clock}$`), timeRule, {
    description: 'When it begins to run, on the wall clock of the time zone.',
    examples: ['07:00'],
  }),
  to: text(new RegExp(`^(?:${clock}|24:00)$`), timeRule, {
    description: 'When it stops running; `24:00` is the end of the day.',
    examples: ['19:00', '24:00'],
  }),
});

const momentPattern = new RegExp(`^\\d{4}-\\d\\d-\\d\\d[ T](?:[01]\\d|2[0-3]):[0-5]\\d$`);
const momentRule = 'a moment is a date and a time, without a zone. Example: 2026-12-12 08:00';
const once = section(
  'a one-off is from, to and running. Example: { from: 2026-12-12 08:00, to: 2026-12-12 18:00, running: true }',
  {
    from: text(momentPattern, momentRule, { description: 'When it begins.', examples: ['2026-12-12 08:00'] }),
    to: text(momentPattern, momentRule, { description: 'When it ends.', examples: ['2026-12-12 18:00'] }),
    running: z
      .boolean('running is true or false')
      .meta({ description: 'Whether resources run in this time.', examples: [true] }),
  },
);

const patternRule =
  'an identifier or a pattern has letters, digits and hyphens, and * for any letters (then in quotes). Example: "dev-*"';
const patterns = (description: string, ...examples: string[]) =>
  z
    .array(text(/^[A-Za-z0-9*-]{1,63}$/, patternRule, { description: 'An identifier, or a pattern.', examples }))
    .min(1, `a list of names has at least one. For all of them: ["*"]`)
    .optional()
    .meta({ description, examples: [examples] });

const appliesEntry = section(
  'an entry says which resources: clusters, graphs or a tag. Example: { clusters: [dev-1, "staging-*"] }',
  {
    clusters: patterns('DB clusters by identifier or pattern; `"*"` is all of them.', 'dev-1', 'staging-*'),
    graphs: patterns('Neptune Analytics graphs by id, name or pattern; `"*"` is all of them.', 'g-0123456789'),
    target: z
      .string('a target is a name from NEPTUNE_OPS_TARGETS, "default", or "*" for every one')
      .optional()
      .meta({ description: 'In which target; `"*"` is every one. Default `default`.', examples: ['default', '*'] }),
    tag: text(/^[^=]{1,128}=.{0,256}$/, 'a tag is key=value. Example: Schedule=office-hours', {
      description: 'Only resources with this tag. Without clusters and graphs: both kinds.',
      examples: ['Schedule=office-hours'],
    }).optional(),
  },
);

const applies = z
  .array(appliesEntry, 'applies is a list. Example: [{ clusters: [dev-1] }]')
  .min(1, 'applies names no resources. Example: [{ clusters: [dev-1] }]')
  .meta({ description: 'Which resources: what fits any entry of the list.', examples: [[{ clusters: ['dev-1'] }]] });

const then = z
  .enum(['stop', 'leave'], 'is stop or leave. Example: leave')
  .meta({ description: 'What then: stop it all the same, or leave it until the next boundary.', examples: ['leave'] });

const stop = section('stop says how careful a stop is. Example: { when-busy: { postpone: 2h, then: leave } }', {
  'when-busy': section('when-busy is postpone and then. Example: { postpone: 2h, then: leave }', {
    postpone: text(
      /^(?:\d{1,4}m|\d{1,2}h(?:[0-5]?\dm)?)$/,
      'a time is hours and minutes, 24h at most. Example: 1h30m',
      {
        description: 'How long to wait for a resource in use to come to rest. `24h` at most, default `1h`.',
        examples: ['2h', '90m', '1h30m'],
      },
    ).optional(),
    then: then.optional().meta({ description: 'What to do after that. Default `leave`.', examples: ['leave', 'stop'] }),
  })
    .optional()
    .meta({ description: 'What happens when a resource that should stop is in use.', examples: [{ postpone: '2h' }] }),
  'when-unknown': then.optional().meta({
    description: 'What happens when it can’t be read whether a resource is in use. Default `leave`.',
    examples: ['leave', 'stop'],
  }),
  'snapshot-first': z
    .boolean('snapshot-first is true or false')
    .optional()
    .meta({
      description: 'Take a snapshot before every stop; without one nothing is stopped. Default `false`.',
      examples: [true],
    }),
});

const description = z
  .string('a description is a text')
  .max(500, 'a description has at most 500 characters')
  .refine((text) => text.split('\n').every((line) => plainText.test(line)), 'a description has visible characters only')
  .optional()
  .meta({ description: 'What it is for, for people.', examples: ['Development sleeps at night'] });
const ownZone = timeZone.optional().meta({
  description: 'The time zone of this schedule. Default: the one at the top of the file.',
  examples: ['America/New_York'],
});

export const runningEntry = section('a schedule is a mapping with running or cron. Example: see docs/schedules.md', {
  description,
  timeZone: ownZone,
  running: z
    .union(
      [
        window,
        z.array(window).max(100, 'a schedule has at most 100 windows'),
        z.enum(['always', 'never'], 'running is a window, a list of windows, always or never'),
      ],
      'running is a window, a list of windows, always or never. Example: { days: mon-fri, from: "07:00", to: "19:00" }',
    )
    .meta({
      description: 'When resources run: one window or several, `always` or `never`. At all other times they sleep.',
      examples: [{ days: 'mon-fri', from: '07:00', to: '19:00' }],
    }),
  except: z
    .array(
      z.string(`an exception is a date or the name of a list under holidays. Example: 2026-12-24`),
      'except is a list. Example: [germany, 2026-12-24]',
    )
    .max(1_000, 'except has at most 1,000 entries; put dates into a list under holidays')
    .optional()
    .meta({
      description: 'Days on which no window opens: dates, and names of lists under `holidays`.',
      examples: [['germany', '2026-12-24']],
    }),
  once: z
    .array(once, 'once is a list. Example: [{ from: 2026-12-12 08:00, to: 2026-12-12 18:00, running: true }]')
    .max(1_000, 'a schedule has at most 1,000 one-offs; take out those that have passed')
    .optional()
    .meta({
      description:
        'Single times that count more than windows and exceptions; later entries count more than earlier ones.',
      examples: [[{ from: '2026-12-12 08:00', to: '2026-12-12 18:00', running: true }]],
    }),
  applies,
  policy: z
    .enum(['enforce', 'respect-manual'], 'policy is enforce or respect-manual. Example: enforce')
    .optional()
    .meta({
      description:
        '`enforce`: always as the schedule says. `respect-manual`: what a person started or stopped stays so until the next boundary. Default `enforce`.',
      examples: ['enforce', 'respect-manual'],
    }),
  priority: z
    .int('priority is a whole number from -1000 to 1000. Example: 10')
    .min(-1_000, 'priority is at least -1000')
    .max(1_000, 'priority is at most 1000')
    .optional()
    .meta({ description: 'Of several schedules for one resource the highest decides. Default `0`.', examples: [10] }),
  stop: stop.optional().meta({
    description: 'How careful a stop is.',
    examples: [{ 'when-busy': { postpone: '2h', then: 'leave' } }],
  }),
});

export const cronEntry = section('a schedule is a mapping with running or cron. Example: see docs/schedules.md', {
  description,
  timeZone: ownZone,
  cron: z.string('cron is a text of five fields, in quotes. Example: "30 2 * * *"').meta({
    description: 'When, as cron writes it: minute, hour, day of the month, month, day of the week.',
    examples: ['30 2 * * *'],
  }),
  operation: z.string(`operation is one of ${operationNames.join(', ')}`).meta({
    description: `What to do, one of ${operationNames.join(', ')}.`,
    examples: ['create-graph-snapshot'],
  }),
  input: z
    .record(
      z.string(),
      z.json(),
      'input is a mapping with the fields of the operation. Example: { snapshotName: "nightly-{date}" }',
    )
    .optional()
    .meta({
      description:
        'The operation’s input. The resource’s identifier is filled in when `applies` is given; `{date}`, `{time}` and `{id}` become the local date (20261121), time (0230) and that identifier.',
      examples: [{ snapshotName: 'nightly-{date}' }],
    }),
  target: z
    .string('a target is a name from NEPTUNE_OPS_TARGETS, or "default"')
    .optional()
    .meta({ description: 'Where, when there is no `applies`. Default `default`.', examples: ['default'] }),
  applies: applies.optional().meta({
    description: 'On each of these resources. Left out: once, with the input as it is.',
    examples: [[{ graphs: ['g-0123456789'] }]],
  }),
});

export type WindowEntry = z.infer<typeof window>;
export type AppliesEntry = z.infer<typeof appliesEntry>;
export type RunningEntry = z.infer<typeof runningEntry>;
export type CronEntry = z.infer<typeof cronEntry>;
