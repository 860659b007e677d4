// Metrics of AWS calls, rate limits, and events for SQS.
import { type Table, calls } from './definition.ts';

export const awsDefinitions = {
  neptune_ops_aws_calls_total: {
    type: 'counter',
    help: 'Calls to Neptune’s APIs, by result: ok, the class of the fault, or not-sent if the last check before sending stopped the call.',
    labels: { target: 'target', api: 'api', action: 'action', result: 'callResult' },
    of: 'process',
  },
  neptune_ops_aws_call_duration_seconds: {
    type: 'histogram',
    help: 'Duration of a call in the SDK, signing and the last check before sending included.',
    labels: { api: 'api', action: 'action' },
    buckets: calls,
    of: 'process',
  },
  neptune_ops_rate_limit: {
    type: 'gauge',
    help: 'Visits per second that the queue may make now.',
    labels: { queue: 'workQueue' },
    of: 'store',
  },
  neptune_ops_rate_limit_configured: {
    type: 'gauge',
    help: 'Visits per second in the settings, to which the limit rises again.',
    labels: { queue: 'workQueue' },
    of: 'store',
  },
  neptune_ops_rate_limit_wait_seconds: {
    type: 'gauge',
    help: 'How long the queue’s limit stays closed from now on, because it is used up or AWS throttled; 0 when it is open.',
    labels: { queue: 'workQueue' },
    of: 'store',
  },
  neptune_ops_rate_slowdowns_total: {
    type: 'counter',
    help: 'How often this process halved the queue’s limit because AWS throttled it.',
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
    help: 'How long the oldest undelivered event has waited; 0 when none waits.',
    labels: {},
    of: 'store',
  },
  neptune_ops_event_deliveries_total: {
    type: 'counter',
    help: 'Tries to deliver an event, by result: sent, to be tried again, or refused by SQS for good.',
    labels: { result: 'delivery' },
    of: 'process',
  },
  neptune_ops_event_delivery_duration_seconds: {
    type: 'histogram',
    help: 'Duration of a try to deliver an event, batching included.',
    labels: {},
    buckets: calls,
    of: 'process',
  },
} as const satisfies Table;
