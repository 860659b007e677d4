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
    help: 'Always 1. The labels have the version, the store and the role.',
    labels: { version: 'version', store: 'store', role: 'role' },
    of: 'process',
  },
  neptune_ops_store_up: {
    type: 'gauge',
    help: '1 when the store answered this scrape in time. When it is 0, all metrics of the store are left out.',
    labels: {},
    of: 'process',
  },
  neptune_ops_store_writable: {
    type: 'gauge',
    help: '1 when the store took a write at this scrape, else 0: it is gone, a replica after a failover, or its memory or disk is full.',
    labels: {},
    of: 'process',
  },
  ...workDefinitions,
  ...awsDefinitions,
  ...scheduleDefinitions,
  neptune_ops_store_call_duration_seconds: {
    type: 'histogram',
    help: 'Duration of a call to the store, by kind of store and method, failed calls included.',
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
    help: 'Duration of a request to the API, by route and status, the time that it waits for a job included.',
    labels: { method: 'method', route: 'route', status: 'status' },
    buckets: quick,
    of: 'process',
  },
} as const satisfies Table;

export type MetricName = keyof typeof definitions;
