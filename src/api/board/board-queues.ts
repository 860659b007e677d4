// The queues on the board, with a description each. A job's name there is its operation and resource.
import type { QueueJobJson } from '@bull-board/api/dist/types.js';
import type { Api } from '../../operation.ts';
import type { Config } from '../../config.ts';
import { eventsQueue, schedulesQueue, workQueues } from '../../queue/names.ts';
import { pollPriority } from '../../queue/wake.ts';

export interface BoardQueue {
  readonly name: string;
  /** Explains the queue's contents to a person who sees it for the first time. */
  readonly description: string;
  /** Whether the board can cancel, repeat and look at its jobs. In other queues nothing can be changed. */
  readonly work: boolean;
  nameOf(job: QueueJobJson): string;
}

const apiNames: Record<Api, string> = {
  neptune: 'Neptune’s management API',
  'neptune-graph': 'the Neptune Analytics API',
  neptunedata: 'the data planes of DB clusters',
};

/** The queues that don't hold jobs of the service. */
const others: readonly (BoardQueue & { isThere?(config: Config): boolean })[] = [
  {
    name: eventsQueue,
    description: 'Completion events on their way to SQS. Empty when all are sent.',
    work: false,
    nameOf: ({ name, data }) => `event: ${name} ${String((data as { resource?: unknown }).resource ?? '')}`,
  },
  {
    name: schedulesQueue,
    description: 'Ticks of the schedules: each looks at all resources under schedules.',
    work: false,
    nameOf: ({ name }) => name,
    isThere: ({ NEPTUNE_OPS_SCHEDULES_FILE: file }) => file !== undefined,
  },
];

export function boardQueues(config: Config): BoardQueue[] {
  const work = workQueues(config.targets).map(({ name, target, api }) => ({
    name,
    description: `Jobs of target ${target} that use ${apiNames[api]}. Delayed ones wait for their next look.`,
    work: true,
    nameOf: workName,
  }));
  return [...work, ...others.filter(({ isThere }) => isThere?.(config) ?? true)];
}

/** A job that was visited before is shown as a poll, so that new jobs stand out. */
function workName({ data, name, priority, finishedOn, attemptsStarted }: QueueJobJson): string {
  const { operation = name, resource = '' } = data as { operation?: string; resource?: string };
  const what = `${operation} ${resource}`;
  return priority === pollPriority && !finishedOn ? `poll ${attemptsStarted ?? 1} of ${what}` : what;
}
