// The table of settings: meaning, unit and default. The README's table is made from it.
import { z } from 'zod';

const milliseconds = (least: number) => z.coerce.number('a whole number of milliseconds').int().min(least);
/** `target/identifier`, commas between; each entry by the pattern. */
const resourceList = (entry: RegExp) =>
  z
    .string()
    .default('')
    .refine((list) => entries(list).every((each) => entry.test(each)), {
      error: 'entries are target/identifier with commas between; patterns are not accepted',
    });
const rate = z.coerce.number('a number, visits a second').positive().max(1_000);
const uriPart = "(?:[a-z0-9\\-._~!$&'()*+,;=:@]|%[0-9a-f]{2})";
/** RFC 3986, but for the structure of an authority, which `URL` knows. */
const uriReference = new RegExp(
  `^(?:[a-z][a-z0-9+.-]*:)?(?://\\[[0-9a-f:.]+\\](?::\\d*)?)?(?:${uriPart}|/)*(?:\\?(?:${uriPart}|[/?])*)?(?:#(?:${uriPart}|[/?])*)?$`,
  'i',
);

function isUriReference(text: string): boolean {
  return text !== '' && uriReference.test(text) && URL.canParse(text, 'https://example.com');
}

/** An address, or a range as CIDR writes it. */
const addressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

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
    meaning: 'The Redis for queues and records. Default: an embedded store in NEPTUNE_OPS_DATA_DIR, for one process.',
    example: 'redis://localhost:6379/0',
    secret: true,
  },
  NEPTUNE_OPS_REDIS_TIMEOUT_MS: {
    schema: milliseconds(100).default(5_000),
    meaning:
      'How long Redis may take to answer one command, in milliseconds. After that the connection is replaced, and the work is tried again. Default `5000`.',
    example: '5000',
  },
  NEPTUNE_OPS_DATA_DIR: {
    schema: z.string().default('./data'),
    meaning: 'The folder of the embedded store. Default `./data`.',
    example: './data',
  },
  HOST: {
    schema: z.string().min(1).default('127.0.0.1'),
    meaning: 'The address that the API listens on. Other than loopback only with API keys. Default `127.0.0.1`.',
    example: '127.0.0.1',
  },
  NEPTUNE_OPS_BASE_PATH: {
    schema: z
      .string()
      .transform((path) => path.replace(/\/$/, ''))
      .refine((path) => /^(\/(?!\.{1,2}(\/|$))[\w.~-]+)*$/.test(path), 'a path that begins with a slash')
      .default(''),
    meaning:
      'The path that callers find the service under, behind a proxy: links, redirects and cookies have it. Requests are answered with it and without it, whether the proxy takes it away or not. Default: none.',
    example: '/neptune',
  },
  NEPTUNE_OPS_TRUST_PROXY: {
    schema: z
      .string()
      .refine(
        (list) => entries(list).every((entry) => addressRange.safeParse(entry).success),
        'addresses or ranges of them, commas between',
      )
      .default(''),
    meaning:
      'The proxies whose `X-Forwarded-For` is believed, so that the audit log and the limits know the caller: addresses or ranges, commas between. Default: none, and an address is that of the connection.',
    example: '10.0.0.0/8,127.0.0.1',
  },
  PORT: {
    schema: z.coerce.number('a whole number').int().min(0).max(65_535).default(3000),
    meaning: 'The port of the API; 0 takes a free one. Default `3000`.',
    example: '3000',
  },
  NEPTUNE_OPS_API_KEYS: {
    schema: z.string().optional(),
    meaning:
      'The API keys as a JSON list, made by `neptune-ops keys create`. Default: none; the API needs no key, and listens on loopback only.',
    example: '[{"id":"…","name":"pipeline","sha256":"…","scopes":["read","operation:*"]}]',
    secret: true,
  },
  NEPTUNE_OPS_API_KEYS_FILE: {
    schema: z.string().optional(),
    meaning:
      'A file with the API keys. It is read again when it changes, so keys are rotated without a restart. Default: none.',
    example: './keys.json',
  },
  NEPTUNE_OPS_BOARD: {
    schema: z.enum(['on', 'off'], 'on or off').optional(),
    meaning:
      'Whether there is a board at `/board`, for which workers write a log of each job. Default: `on` if HOST is loopback, else `off`.',
    example: 'on',
  },
  NEPTUNE_OPS_REQUESTS_PER_MINUTE: {
    schema: z.coerce.number().int().min(1).default(6_000),
    meaning: 'How many requests a minute each process accepts from each API key. Default `6000`.',
    example: '6000',
  },
  NEPTUNE_OPS_JOBS_PER_KEY: {
    schema: z.coerce.number('a whole number').int().min(1).default(10_000),
    meaning:
      'Jobs that have not ended which one API key, its sessions with it, may have; without keys, all callers together. More are answered 429 `too-many-jobs`. Default `10000`.',
    example: '10000',
  },
  NEPTUNE_OPS_IDEMPOTENCY_KEYS_PER_KEY: {
    schema: z.coerce.number('a whole number').int().min(1).default(100_000),
    meaning:
      'Idempotency keys that one API key may have, as long as they are kept; the TypeScript client sends one with every request. More are answered 429 `too-many-jobs`. Default `100000`.',
    example: '100000',
  },
  NEPTUNE_OPS_WAITS_PER_KEY: {
    schema: z.coerce.number('a whole number').int().min(1).default(500),
    meaning:
      'Waits (`Prefer: wait`) and event streams that one API key, its sessions with it, may have open at each process. More are answered 429 `too-many-waits`. Default `500`.',
    example: '500',
  },
  NEPTUNE_OPS_WAITS: {
    schema: z.coerce.number('a whole number').int().min(1).default(2_000),
    meaning: 'The same for each process, of all callers together. Default `2000`.',
    example: '2000',
  },
  AWS_REGION: {
    schema: z.string('the name of an AWS region').regex(region, 'the name of an AWS region'),
    meaning:
      'The region of the target `default`. Required, here, as AWS_DEFAULT_REGION or in the profile. Credentials come from where the AWS SDK looks for them.',
    example: 'eu-west-1',
  },
  AWS_ENDPOINT_URL_SQS: {
    schema: z.url('a URL').optional(),
    meaning:
      'Another address of the API. The SDK’s own setting, like AWS_ENDPOINT_URL_NEPTUNE and AWS_ENDPOINT_URL_NEPTUNE_GRAPH.',
    example: 'http://127.0.0.1:4568',
  },
  NEPTUNE_OPS_TARGETS: {
    schema: z.string().default(''),
    meaning:
      'Targets beside `default`: `name=region` or `name=region role-arn`, separated by semicolons. A target can’t be removed while live jobs need it. Default: none.',
    example: 'prod=us-east-1 arn:aws:iam::123456789012:role/neptune-ops',
  },
  NEPTUNE_OPS_EVENTS_QUEUE_URL: {
    schema: z.url('a URL').optional(),
    meaning:
      'The SQS queue for completion events, standard or FIFO. Default: none; no events are sent, and the service says so at its start.',
    example: 'https://sqs.eu-west-1.amazonaws.com/123456789012/neptune-ops-events',
  },
  NEPTUNE_OPS_SOURCE: {
    schema: z
      .string()
      .refine(isUriReference, 'a URI reference, as CloudEvents want it: no spaces, and other letters as %20')
      .default('neptune-ops'),
    meaning: 'The `source` of completion events, a URI reference. Default `neptune-ops`.',
    example: 'neptune-ops',
  },
  NEPTUNE_OPS_RESETTABLE_CLUSTERS: {
    schema: resourceList(/^[a-z0-9-]+\/[a-zA-Z0-9-]+$/),
    meaning:
      'The clusters that fast-reset may empty: `target/identifier`, separated by commas, without patterns. Default: none.',
    example: 'default/test-1,default/test-2',
  },
  NEPTUNE_OPS_RESETTABLE_GRAPHS: {
    schema: resourceList(/^[a-z0-9-]+\/g-[a-z0-9]{10}$/),
    meaning:
      'The graphs that reset-graph may empty: `target/identifier`, separated by commas, without patterns. Default: none.',
    example: 'default/g-0123456789',
  },
  NEPTUNE_OPS_POLL_MIN_MS: {
    schema: milliseconds(1).optional(),
    meaning: 'The shortest time between two looks at a resource, in milliseconds. Default: the operation’s own.',
    example: '1000',
  },
  NEPTUNE_OPS_POLL_MAX_MS: {
    schema: milliseconds(10).optional(),
    meaning: 'The longest time between two looks at a resource, in milliseconds. Default: the operation’s own.',
    example: '60000',
  },
  NEPTUNE_OPS_SETTLE_MAX_MS: {
    schema: milliseconds(100).optional(),
    meaning:
      'How long a job observes a change after its answer was lost, in milliseconds. Lower it only for the emulator. Default: the operation’s own.',
    example: '2000',
  },
  NEPTUNE_OPS_RATE_NEPTUNE: {
    schema: rate.default(5),
    meaning:
      'Visits per second to the management API, each with at most two calls; per target, for all processes together. Default `5`.',
    example: '5',
  },
  NEPTUNE_OPS_RATE_NEPTUNE_GRAPH: {
    schema: rate.default(20),
    meaning: 'Visits per second to the Neptune Analytics API; per target, for all processes together. Default `20`.',
    example: '20',
  },
  NEPTUNE_OPS_RATE_NEPTUNEDATA: {
    schema: rate.default(10),
    meaning:
      'Visits per second to the data planes of DB clusters; per target, for all processes together. Default `10`.',
    example: '10',
  },
  NEPTUNE_OPS_CONCURRENCY: {
    schema: z.coerce.number('a whole number').int().min(1).max(1_000).default(20),
    meaning: 'How many visits run at the same time, per queue and process. Default `20`.',
    example: '20',
  },
  NEPTUNE_OPS_KEEP_DAYS: {
    schema: z.coerce.number('a number of days').positive().max(365).default(7),
    meaning: 'How many days an ended job and its idempotency key are kept. Default `7`.',
    example: '7',
  },
  NEPTUNE_OPS_SCHEDULES_FILE: {
    schema: z.string().min(1).optional(),
    meaning: 'The YAML file of schedules. It is read again when it changes. Default: no schedules.',
    example: './schedules.yaml',
  },
  NEPTUNE_OPS_SCHEDULES_TICK_MS: {
    schema: milliseconds(100).default(60_000),
    meaning:
      'Time between two looks at all resources under schedules, in milliseconds. A look takes a few calls per hundred resources. Default `60000`.',
    example: '60000',
  },
  NEPTUNE_OPS_SCHEDULES_TAGS_MS: {
    schema: milliseconds(1_000).default(3_600_000),
    meaning: 'How old a resource’s tags may become before they are read again, in milliseconds. Default `3600000`.',
    example: '3600000',
  },
  NEPTUNE_OPS_SCHEDULES_SHORTEST_SLEEP_MS: {
    schema: milliseconds(0).default(900_000),
    meaning:
      'A schedule doesn’t stop a resource that should run again sooner than this, in milliseconds: stopping and starting take minutes. Default `900000`.',
    example: '900000',
  },
  NEPTUNE_OPS_METRICS: {
    schema: z.enum(['on', 'off'], 'on or off').default('on'),
    meaning: 'Whether the service counts metrics, and answers at `/metrics`. Default `on`.',
    example: 'on',
  },
  NEPTUNE_OPS_METRICS_PORT: {
    schema: z.coerce.number('a whole number').int().min(0).max(65_535).optional(),
    meaning:
      'The port at which a worker process answers `/metrics`, `/healthz` and `/readyz`, on HOST; 0 takes a free one. Other processes answer them on PORT. Default: none.',
    example: '9464',
  },
  NEPTUNE_OPS_SHUTDOWN_DELAY_MS: {
    schema: milliseconds(0).max(600_000).default(0),
    meaning:
      'How long `/readyz` answers 503 after SIGTERM while requests are still taken, in milliseconds: as long as a load balancer needs to notice. Default `0`.',
    example: '10000',
  },
  NEPTUNE_OPS_DRAIN_MS: {
    schema: milliseconds(0).default(8_000),
    meaning:
      'How long visits may go on after SIGTERM, in milliseconds. Work that is cut short is resumed. Default `8000`.',
    example: '8000',
  },
  NEPTUNE_OPS_DATA_PLANE_SCHEME: {
    schema: z.enum(['https', 'http']).default('https'),
    meaning: '`http` only for the emulator on loopback. Default `https`.',
    example: 'https',
  },
  NEPTUNE_OPS_DATA_PLANE_HOSTS: {
    schema: z
      .string()
      .default('')
      .refine((list) => entries(list).every((entry) => /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(entry)), {
        error: 'entries are host names, or *. and a domain, with commas between; no scheme and no port',
      }),
    meaning:
      'Hosts of data planes beside AWS’s own that may get signed requests, where `DescribeDBClusters` names private endpoints: names, or `*.` and a domain, commas between. Default: none.',
    example: '*.neptune.internal.example',
  },
  NEPTUNE_OPS_LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    meaning: 'The lowest level of log lines that are written. Default `info`.',
    example: 'info',
  },
  NEPTUNE_OPS_LOG_FORMAT: {
    schema: z.enum(['json', 'text'], 'json or text').optional(),
    meaning:
      'The format of the log on standard error: `json`, one object per line, or `text` for people. Default: `text` on a terminal, else `json`.',
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
