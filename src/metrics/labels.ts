// What may stand in a label: words of a list that doesn't grow with what people do. It must never let an identifier through:
// every new value of a label is one more series for Prometheus to keep.
import { jobStates, terminalStates } from '../records/job.ts';

/** The lists that depend on the settings and the registry. */
export interface Known {
  readonly operations: readonly string[];
  readonly targets: readonly string[];
  readonly queues: readonly string[];
}

interface Label {
  readonly meaning: string;
  /** The values there are, where they can be listed. */
  readonly values?: (known: Known) => readonly string[];
  /** Otherwise what they look like. */
  readonly pattern?: RegExp;
}

const few = (...values: string[]) => ({ values: () => values });

/** By the label's name. Whatever isn't one of its values becomes `other`. */
export const labels = {
  operation: { meaning: 'the operation’s name', values: ({ operations }) => operations },
  target: { meaning: 'a configured target, or `all` for a hold on all of them', values: ({ targets }) => targets },
  queue: { meaning: '`TARGET.API`, or `completion-events`', values: ({ queues }) => queues },
  outcome: { meaning: 'how the job ended', ...few(...terminalStates) },
  state: {
    meaning: 'of a job, or of a resource in the ledger',
    ...few(...jobStates, 'moving', 'stopped', 'unknown', 'gone'),
  },
  api: { meaning: 'AWS’s API', ...few('neptune', 'neptune-graph', 'neptunedata') },
  action: { meaning: 'AWS’s name of the call', pattern: /^[A-Z][A-Za-z]{2,63}$/ },
  result: {
    meaning: 'how it went; of a call to AWS `ok`, the class of its fault, or `not-sent` where the last look before sending forbade it',
    ...few('ok', 'throttled', 'transient', 'state', 'credentials', 'permanent', 'bug', 'not-sent')
  },
} as const satisfies Record<string, Label>;
