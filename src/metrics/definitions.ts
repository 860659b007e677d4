// The table of all metrics: name, kind, labels and meaning. docs/metrics.md is made from it. Only metrics in this table
// can be counted.
import { awsDefinitions } from './aws-definitions.ts';
import { type Table, quick } from './definition.ts';
import { scheduleDefinitions } from './schedule-definitions.ts';
import { workDefinitions } from './work-definitions.ts';

export type { Definition } from './definition.ts';

export const definitions = {
  neptune_ops_build_info: {
    type: 'gauge',
    help: 'Always 1. Which version runs, on which store, as which part.',
    labels: { version: 'version', store: 'store', role: 'role' },
    of: 'process',
  },
  neptune_ops_store_up: {
    type: 'gauge',
    help: '1 when the store answered this scrape in time, else 0; then everything that comes from the store is left out.',
    labels: {},
    of: 'process',
  },
  ...workDefinitions,
  ...awsDefinitions,
  ...scheduleDefinitions,
  neptune_ops_store_call_duration_seconds: {
    type: 'histogram',
    help: 'A call to the store, by kind of store and method; failed ones are in it.',
    labels: { store: 'store', method: 'storeMethod' },
    buckets: quick,
    of: 'process',
  },
  neptune_ops_store_errors_total: {
    type: 'counter',
    help: 'Calls to the store that failed.',
    labels: { store: 'store', method: 'storeMethod' },
    of: 'process',
  },
  neptune_ops_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Requests to the door, by route and status; those that wait for a job to end are as long as they wait.',
    labels: { method: 'method', route: 'route', status: 'status' },
    buckets: quick,
    of: 'process',
  },
} as const satisfies Table;

export type MetricName = keyof typeof definitions;
