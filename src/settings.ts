// The table of settings: meaning, unit and default. The README's table is made from it.
import { z } from 'zod';

const milliseconds = (least: number) => z.coerce.number('a whole number of milliseconds').int().min(least);
const rate = z.coerce.number('a number, visits a second').positive().max(1_000);
/** A region's name; its first part has two letters or more: `eusc-de-east-1`. */
export const region = /^[a-z]{2,8}(-[a-z]+)+-\d$/;

export interface Setting {
  readonly schema: z.ZodType;
  /** What it means, its unit, and its default. */
  readonly meaning: string;
  readonly example: string;
  readonly secret?: true;
}

/** The README's table is made from this one. */
export const settings = {
  REDIS_URL: {
    schema: z.url({ protocol: /^rediss?$/, error: 'a URL that begins with redis:// or rediss://' }).optional(),
    meaning:
      'The Redis to keep queues and records in. Left out: an embedded store in NEPTUNE_OPS_DATA_DIR, for one process.',
    example: 'redis://localhost:6379/0',
    secret: true,
  },
  NEPTUNE_OPS_REDIS_TIMEOUT_MS: {
    schema: milliseconds(100).default(5_000),
    meaning:
      'How long Redis may take to answer one command before it counts as gone and the work is tried again, in milliseconds. Default `5000`.',
    example: '5000',
  },
  NEPTUNE_OPS_DATA_DIR: {
    schema: z.string().default('./data'),
    meaning: 'The folder of the embedded store. Default `./data`.',
    example: './data',
  },
  HOST: {
    schema: z.string().min(1).default('127.0.0.1'),
    meaning: 'The address the producer API listens on; other than loopback only with API keys. Default `127.0.0.1`.',
    example: '127.0.0.1',
  },
  PORT: {
    schema: z.coerce.number('a whole number').int().min(0).max(65_535).default(3000),
    meaning: 'The port of the producer API; 0 takes a free one. Default `3000`.',
    example: '3000',
  },
  NEPTUNE_OPS_API_KEYS: {
    schema: z.string().optional(),
    meaning:
      'The API keys as a JSON list, made by `neptune-ops keys create`. Left out: no key is asked for, on loopback only.',
    example: '[{"id":"…","name":"pipeline","sha256":"…","scopes":["read","operation:*"]}]',
    secret: true,
  },
  NEPTUNE_OPS_API_KEYS_FILE: {
    schema: z.string().optional(),
    meaning:
      'The same from a file, which is read anew when it changes: keys are rotated without a restart. Left out: no file.',
    example: './keys.json',
  },
  NEPTUNE_OPS_BOARD: {
    schema: z.enum(['on', 'off'], 'on or off').optional(),
    meaning:
      'Whether there is a board at `/board`, and whether workers write each job’s log for it. Left out: on where HOST is loopback, else off.',
    example: 'on',
  },
  NEPTUNE_OPS_REQUESTS_PER_MINUTE: {
    schema: z.coerce.number().int().min(1).default(6_000),
    meaning: 'Requests a minute that each API key may make of each process. Default `6000`.',
    example: '6000',
  },
  AWS_REGION: {
    schema: z.string('the name of an AWS region').regex(region, 'the name of an AWS region'),
    meaning: 'The region of the target `default`. Required. Credentials come from where the AWS SDK looks for them.',
    example: 'eu-west-1',
  },
  AWS_ENDPOINT_URL_SQS: {
    schema: z.url('a URL').optional(),
    meaning:
      'The SDK’s own setting, as are AWS_ENDPOINT_URL_NEPTUNE and AWS_ENDPOINT_URL_NEPTUNE_GRAPH: another address of the API.',
    example: 'http://127.0.0.1:4568',
  },
  NEPTUNE_OPS_TARGETS: {
    schema: z.string().default(''),
    meaning:
      'More targets beside `default`: `name=region` or `name=region role-arn`, semicolons between. One that live jobs still need can’t be taken out. Default: none.',
    example: 'prod=us-east-1 arn:aws:iam::123456789012:role/neptune-ops',
  },
  NEPTUNE_OPS_EVENTS_QUEUE_URL: {
    schema: z.url('a URL').optional(),
    meaning:
      'The SQS queue for completion events, standard or FIFO. Left out: no events are sent, which is said at start.',
    example: 'https://sqs.eu-west-1.amazonaws.com/123456789012/neptune-ops-events',
  },
  NEPTUNE_OPS_SOURCE: {
    schema: z.string().min(1).default('neptune-ops'),
    meaning: 'The `source` of completion events. Default `neptune-ops`.',
    example: 'neptune-ops',
  },
  NEPTUNE_OPS_RESETTABLE_CLUSTERS: {
    schema: z
      .string()
      .default('')
      .refine((list) => entries(list).every((entry) => /^[a-z0-9-]+\/[a-zA-Z0-9-]+$/.test(entry)), {
        error: 'entries are target/identifier with commas between; patterns are not accepted',
      }),
    meaning: 'The clusters that fast-reset may empty: `target/identifier`, commas between, no patterns. Default: none.',
    example: 'default/test-1,default/test-2',
  },
  NEPTUNE_OPS_POLL_MIN_MS: {
    schema: milliseconds(1).optional(),
    meaning: 'No look at a resource comes sooner after the last, in milliseconds. Default: as the operation declares.',
    example: '1000',
  },
  NEPTUNE_OPS_POLL_MAX_MS: {
    schema: milliseconds(10).optional(),
    meaning: 'No look at a resource comes later after the last, in milliseconds. Default: as the operation declares.',
    example: '60000',
  },
  NEPTUNE_OPS_SETTLE_MAX_MS: {
    schema: milliseconds(100).optional(),
    meaning:
      'At most this long is waited for a sign of a change whose answer was lost, in milliseconds. Lower only for stand-ins. Default: as the operation declares.',
    example: '2000',
  },
  NEPTUNE_OPS_RATE_NEPTUNE: {
    schema: rate.default(5),
    meaning:
      'Visits a second for the management API, each of at most two calls; per target, all processes together. Default `5`.',
    example: '5',
  },
  NEPTUNE_OPS_RATE_NEPTUNE_GRAPH: {
    schema: rate.default(20),
    meaning: 'Visits a second for the Neptune Analytics API; per target, all processes together. Default `20`.',
    example: '20',
  },
  NEPTUNE_OPS_RATE_NEPTUNEDATA: {
    schema: rate.default(10),
    meaning: 'Visits a second for the data planes of DB clusters; per target, all processes together. Default `10`.',
    example: '10',
  },
  NEPTUNE_OPS_CONCURRENCY: {
    schema: z.coerce.number('a whole number').int().min(1).max(1_000).default(20),
    meaning: 'Visits at the same time, per queue and process. Default `20`.',
    example: '20',
  },
  NEPTUNE_OPS_KEEP_DAYS: {
    schema: z.coerce.number('a number of days').positive().max(365).default(7),
    meaning: 'Days that an ended job and its idempotency key are kept. Default `7`.',
    example: '7',
  },
  NEPTUNE_OPS_SCHEDULES_FILE: {
    schema: z.string().min(1).optional(),
    meaning:
      'The YAML file of schedules that put resources to sleep; read anew when it changes. Left out: there are no schedules.',
    example: './schedules.yaml',
  },
  NEPTUNE_OPS_SCHEDULES_TICK_MS: {
    schema: milliseconds(100).default(60_000),
    meaning:
      'How often all resources under schedules are looked at, in milliseconds; a look takes a few calls for each hundred of them. Default `60000`.',
    example: '60000',
  },
  NEPTUNE_OPS_SCHEDULES_TAGS_MS: {
    schema: milliseconds(1_000).default(3_600_000),
    meaning: 'How old a resource’s tags may become before they are read anew, in milliseconds. Default `3600000`.',
    example: '3600000',
  },
  NEPTUNE_OPS_SCHEDULES_SHORTEST_SLEEP_MS: {
    schema: milliseconds(0).default(900_000),
    meaning:
      'Nothing is stopped that should run again sooner than this, in milliseconds: stopping and starting take minutes. Default `900000`.',
    example: '900000',
  },
  NEPTUNE_OPS_METRICS: {
    schema: z.enum(['on', 'off'], 'on or off').default('on'),
    meaning: 'Whether the service measures itself, and answers at `/metrics`. Default `on`.',
    example: 'on',
  },
  NEPTUNE_OPS_METRICS_PORT: {
    schema: z.coerce.number('a whole number').int().min(0).max(65_535).optional(),
    meaning:
      'The port at which a process of workers alone answers `/metrics`, `/healthz` and `/readyz`, on HOST; 0 takes a free one. Left out: none. Other processes answer them at the door.',
    example: '9464',
  },
  NEPTUNE_OPS_DRAIN_MS: {
    schema: milliseconds(0).default(8_000),
    meaning:
      'How long running visits may take to end after SIGTERM, in milliseconds; what is cut short is resumed. Default `8000`.',
    example: '8000',
  },
  NEPTUNE_OPS_DATA_PLANE_SCHEME: {
    schema: z.enum(['https', 'http']).default('https'),
    meaning: '`http` only for stand-ins on loopback. Default `https`.',
    example: 'https',
  },
  NEPTUNE_OPS_LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    meaning: 'The least severe log line that is written. Default `info`.',
    example: 'info',
  },
  NEPTUNE_OPS_LOG_FORMAT: {
    schema: z.enum(['json', 'text'], 'json or text').optional(),
    meaning:
      'How log lines are written to standard error: `json`, one object a line, or `text` for people. Left out: `text` on a terminal, else `json`.',
    example: 'json',
  },
} as const satisfies Record<string, Setting>;

/** The entries of a setting that is a list. */
export function entries(list: string, separator = ','): string[] {
  return list
    .split(separator)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
