// The panels of Grafana's dashboard, each with its query and its meaning. Metrics of a process are added up; those of
// the store are the same everywhere, so one is taken.

interface Query {
  readonly expr: string;
  /** In Grafana's syntax: `{{queue}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly about: string;
  /** Grafana's name of the unit. */
  readonly unit: string;
  /** Default: `timeseries`. */
  readonly kind?: 'stat' | 'timeseries';
  readonly queries: readonly Query[];
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const ours = 'job=~"$job"';
const per = '[$__rate_interval]';

/** Per second, over all processes. */
function rate(name: string, by: string): string {
  return `sum by (${by}) (rate(${name}{${ours}}${per}))`;
}

/** The time that this share (0.9: nine of ten) doesn't exceed. */
function quantile(of: number, name: string, by = ''): string {
  return `histogram_quantile(${of}, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${name}_bucket{${ours}}${per})))`;
}

/** By queue: the median and the 99th percentile. */
function spreadOf(name: string): [string, string][] {
  return [
    [quantile(0.5, name, 'queue'), '{{queue}} half'],
    [quantile(0.99, name, 'queue'), '{{queue}} 99 %'],
  ];
}

/** A metric of the store, once. */
function said(name: string, by = ''): string {
  return `max${by === '' ? '' : ` by (${by})`} (${name}{${ours}})`;
}

/** Series over time; each query with its legend. */
function graph(title: string, about: string, unit: string, ...queries: readonly (readonly [string, string])[]): Panel {
  return { title, about, unit, queries: queries.map(([expr, legend]) => ({ expr, legend })) };
}

/** One number, as it is now. */
function stat(title: string, about: string, unit: string, expr: string, legend = title): Panel {
  return { title, about, unit, kind: 'stat', queries: [{ expr, legend }] };
}

export const rows: readonly Row[] = [
  {
    title: 'At a glance',
    panels: [
      stat('Store', '1: it takes writes of every process.', 'none', `min (neptune_ops_store_writable{${ours}})`),
      stat('Workers alive', 'Worker processes that are alive.', 'none', said('neptune_ops_workers_alive')),
      stat(
        'Jobs under way',
        'Queued, waiting or running.',
        'none',
        `sum (max by (state) (neptune_ops_jobs{${ours}, state=~"queued|waiting|running"}))`,
      ),
      stat('Most overdue visit', 'How long.', 's', said('neptune_ops_jobs_overdue_age_seconds')),
      stat('Oldest event', 'How long it has waited for SQS.', 's', said('neptune_ops_events_oldest_age_seconds')),
      stat('Holds', 'Holds that are on.', 'none', `sum (${said('neptune_ops_hold', 'target')})`),
    ],
  },
  {
    title: 'Jobs',
    panels: [
      graph('Accepted', 'Per second, by operation.', 'ops', [
        rate('neptune_ops_jobs_accepted_total', 'operation'),
        '{{operation}}',
      ]),
      graph('Ended', 'Per second, by outcome.', 'ops', [
        rate('neptune_ops_jobs_ended_total', 'outcome'),
        '{{outcome}}',
      ]),
      graph('Kept, by state', 'As the store counts them.', 'none', [said('neptune_ops_jobs', 'state'), '{{state}}']),
      graph('From acceptance to end', 'Nine of ten jobs take no longer.', 's', [
        quantile(0.9, 'neptune_ops_job_duration_seconds', 'operation'),
        '{{operation}}',
      ]),
      graph('Visits a job', 'On average; each is a call or two to AWS.', 'none', [
        `${rate('neptune_ops_job_visits_sum', 'operation')} / ${rate('neptune_ops_job_visits_count', 'operation')}`,
        '{{operation}}',
      ]),
      graph('Overdue', 'Visits overdue by more than five seconds.', 'none', [
        said('neptune_ops_jobs_overdue'),
        'overdue',
      ]),
    ],
  },
  {
    title: 'Work',
    panels: [
      graph('Visits', 'Per second, by queue and result.', 'ops', [
        rate('neptune_ops_visits_total', 'queue, result'),
        '{{queue}} {{result}}',
      ]),
      graph(
        'How late visits begin',
        'Waiting for the rate limit or a free worker.',
        's',
        ...spreadOf('neptune_ops_visit_lateness_seconds'),
      ),
      graph(
        'Waiting for the rate limit',
        'The part of a visit’s lateness in which its queue’s limit was closed.',
        's',
        ...spreadOf('neptune_ops_visit_rate_limit_wait_seconds'),
      ),
      graph('How long visits take', 'Calls to AWS included.', 's', [
        quantile(0.99, 'neptune_ops_visit_duration_seconds', 'queue'),
        '{{queue}} 99 %',
      ]),
      graph(
        'Sweeps and what they find',
        'Per second. Anything but deleted records means that a queue had lost something.',
        'ops',
        [rate('neptune_ops_sweep_finds_total', 'kind'), '{{kind}}'],
        [`sum (rate(neptune_ops_sweeps_total{${ours}}${per}))`, 'sweeps'],
      ),
    ],
  },
  {
    title: 'AWS',
    panels: [
      graph('Calls', 'Per second, by API and result.', 'reqps', [
        rate('neptune_ops_aws_calls_total', 'target, api, result'),
        '{{target}} {{api}} {{result}}',
      ]),
      graph('Unknown statuses', 'Looks per second that met a status which this version doesn’t know.', 'ops', [
        rate('neptune_ops_unknown_statuses_total', 'operation'),
        '{{operation}}',
      ]),
      graph('Calls, by action', 'A second.', 'reqps', [rate('neptune_ops_aws_calls_total', 'action'), '{{action}}']),
      graph('How long calls take', '99 of 100 take no longer.', 's', [
        quantile(0.99, 'neptune_ops_aws_call_duration_seconds', 'api'),
        '{{api}}',
      ]),
      graph(
        'Rate limits',
        'Visits per second that are allowed now, and by the settings.',
        'ops',
        [said('neptune_ops_rate_limit', 'queue'), '{{queue}} now'],
        [said('neptune_ops_rate_limit_configured', 'queue'), '{{queue}} configured'],
      ),
      graph('Closed rate limits', 'How long from now on.', 's', [
        said('neptune_ops_rate_limit_wait_seconds', 'queue'),
        '{{queue}}',
      ]),
      graph('Slowdowns', 'How often AWS throttled and the limit was halved, per second.', 'ops', [
        rate('neptune_ops_rate_slowdowns_total', 'queue'),
        '{{queue}}',
      ]),
    ],
  },
  {
    title: 'Events',
    panels: [
      graph('Waiting for SQS', 'Events not delivered yet.', 'none', [said('neptune_ops_events_waiting'), 'waiting']),
      graph('Deliveries', 'A second, by result.', 'ops', [
        rate('neptune_ops_event_deliveries_total', 'result'),
        '{{result}}',
      ]),
      graph('How long a delivery takes', 'Batching included.', 's', [
        quantile(0.99, 'neptune_ops_event_delivery_duration_seconds'),
        '99 %',
      ]),
    ],
  },
  {
    title: 'Schedules',
    panels: [
      graph('Resources', 'Actual and desired state.', 'none', [
        said('neptune_ops_schedule_resources', 'target, kind, condition, should'),
        '{{target}} {{kind}}: {{condition}}, should be {{should}}',
      ]),
      graph(
        'In the way',
        'Postponed stops, and resources that a schedule could not start or stop.',
        'none',
        [`sum (${said('neptune_ops_schedule_stops_postponed', 'target, kind')})`, 'stops postponed'],
        [`sum (${said('neptune_ops_schedule_setbacks', 'target, kind')})`, 'setbacks'],
        [`sum (${said('neptune_ops_schedule_stuck', 'target, kind')})`, 'stuck'],
      ),
      graph('Setbacks', 'Per second, by goal.', 'ops', [
        rate('neptune_ops_schedule_setbacks_total', 'goal'),
        'to be {{goal}}',
      ]),
      graph(
        'Age of the last look',
        'A tick’s length is as it should be.',
        's',
        [said('neptune_ops_schedule_look_age_seconds', 'target, kind'), '{{target}} {{kind}}'],
        [said('neptune_ops_schedule_blind_seconds', 'target, kind'), '{{target}} {{kind}} blind'],
      ),
      graph(
        'Ticks',
        'Per second, and how long they take.',
        'none',
        [rate('neptune_ops_schedule_ticks_total', 'result'), '{{result}}'],
        [quantile(0.99, 'neptune_ops_schedule_tick_duration_seconds'), 'seconds, 99 %'],
      ),
      graph(
        'Resources asleep, on average',
        'Seconds asleep per second, from the ledger, once a span has ended.',
        'none',
        [rate('neptune_ops_schedule_ledger_seconds_total', 'state'), '{{state}}'],
      ),
    ],
  },
  {
    title: 'Underneath',
    panels: [
      graph('How long the store takes', '99 of 100 calls take no longer.', 's', [
        quantile(0.99, 'neptune_ops_store_call_duration_seconds', 'store, method'),
        '{{store}} {{method}}',
      ]),
      graph('Errors of the store', 'A second.', 'ops', [
        rate('neptune_ops_store_errors_total', 'method'),
        '{{method}}',
      ]),
      graph('Requests', 'A second, by status.', 'reqps', [
        rate('neptune_ops_http_request_duration_seconds_count', 'status'),
        '{{status}}',
      ]),
      graph('How long requests take', '99 of 100 take no longer; waits for a job are as long as they wait.', 's', [
        quantile(0.99, 'neptune_ops_http_request_duration_seconds', 'route'),
        '{{route}}',
      ]),
      graph('Event loop lag', '99 %, by process.', 's', [
        `max by (instance) (nodejs_eventloop_lag_p99_seconds{${ours}})`,
        '{{instance}}',
      ]),
      graph(
        'CPU and memory',
        'Cores, by process; memory in GB.',
        'none',
        [`sum by (instance) (rate(process_cpu_seconds_total{${ours}}${per}))`, '{{instance}} cores'],
        [`sum by (instance) (process_resident_memory_bytes{${ours}}) / 1e9`, '{{instance}} GB'],
      ),
      graph('Versions', 'Processes, by version, store and role.', 'none', [
        `count by (version, store, role) (neptune_ops_build_info{${ours}})`,
        '{{version}} {{store}} {{role}}',
      ]),
      stat('Schedules file', '1: in force as it stands.', 'none', `min (neptune_ops_schedule_file_ok{${ours}})`),
      stat('Longest hold', 'How long it is on.', 's', said('neptune_ops_hold_age_seconds')),
    ],
  },
];

/** Every query of the dashboard, with its panel's name. */
export const queries = rows.flatMap(({ panels }) =>
  panels.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ title, expr }))),
);
