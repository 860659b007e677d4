// Metrics of AWS calls, rate limits, and events for SQS.
import { type Table, calls } from './definition.ts';

export const awsDefinitions = {
  neptune_ops_aws_calls_total: {
    type: 'counter',
    help: 'Calls to Neptune’s APIs, by how they went: ok, the class of the fault, or not-sent where the last look before sending forbade it.',
    labels: { target: 'target', api: 'api', action: 'action', result: 'callResult' },
    of: 'process',
  },
  neptune_ops_aws_call_duration_seconds: {
    type: 'histogram',
    help: 'From handing a call to the SDK to its answer or fault; signing and the last look before sending are in it.',
    labels: { api: 'api', action: 'action' },
    buckets: calls,
    of: 'process',
  },
  neptune_ops_rate_limit: {
    type: 'gauge',
    help: 'Visits a second that the queue may make now.',
    labels: { queue: 'workQueue' },
    of: 'store',
  },
  neptune_ops_rate_limit_configured: {
    type: 'gauge',
    help: 'Visits a second by the settings, to which the limit rises back.',
    labels: { queue: 'workQueue' },
    of: 'store',
  },
  neptune_ops_rate_limit_wait_seconds: {
    type: 'gauge',
    help: 'How long the queue stands still from now on, for its limit is used up or AWS throttled; 0 when it doesn’t.',
    labels: { queue: 'workQueue' },
    of: 'store',
  },
  neptune_ops_rate_slowdowns_total: {
    type: 'counter',
    help: 'How often this process halved the queue’s limit because AWS throttled.',
    labels: { queue: 'workQueue' },
    of: 'process',
  },
  neptune_ops_events_waiting: {
    type: 'gauge',
    help: 'Completion events that are not delivered yet.',
    labels: {},
    of: 'store',
  },
  neptune_ops_events_oldest_age_seconds: {
    type: 'gauge',
    help: 'How long the oldest undelivered event waits; 0 when none does.',
    labels: {},
    of: 'store',
  },
  neptune_ops_event_deliveries_total: {
    type: 'counter',
    help: 'Tries to deliver an event: sent, to be tried later, or refused by SQS for good.',
    labels: { result: 'delivery' },
    of: 'process',
  },
  neptune_ops_event_delivery_duration_seconds: {
    type: 'histogram',
    help: 'A try to deliver an event, gathering into batches included.',
    labels: {},
    buckets: calls,
    of: 'process',
  },
} as const satisfies Table;
