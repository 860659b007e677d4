// The names of the queues: one per target and AWS API, so that one API's limit never delays another, and one for
// events.
import { type Api, apis } from '../operation.ts';

/** Queues and records share one hash tag, because Redis Cluster refuses scripts over several slots. */
export const prefix = '{neptune-ops}';

export const eventsQueue = 'completion-events';
export const schedulesQueue = 'schedules';

export function queueOf(target: string, api: Api): string {
  return `${target}.${api}`;
}

/** The queues for all jobs of these targets. */
export function workQueues(
  targets: readonly { readonly name: string }[],
): { name: string; target: string; api: Api }[] {
  return targets.flatMap(({ name: target }) => apis.map((api) => ({ name: queueOf(target, api), target, api })));
}

/** The id of the queue job that announces a job's end. */
export function eventJobId(jobId: string): string {
  return `event-${jobId}`;
}
