// Bounds the values of labels to lists that don't grow with use. It never lets an identifier through, because every new
// value is one more series in Prometheus.
import { jobStates, terminalStates } from '../records/job.ts';

/** The lists from the settings and the registry. */
export interface Known {
  readonly operations: readonly string[];
  readonly targets: readonly string[];
  /** The work queues. The events queue is added. */
  readonly queues: readonly string[];
  readonly store: 'redis' | 'embedded';
}

type Words = ((known: Known) => readonly string[]) | RegExp;

const few =
  (...words: string[]) =>
  () =>
    words;

/** By the names that the definitions use. */
export const labelValues = {
  operation: ({ operations }) => operations,
  target: ({ targets }) => targets,
  /** A hold is on for one target, or for all. */
  held: ({ targets }) => [...targets, 'all'],
  workQueue: ({ queues }) => queues,
  queue: ({ queues }) => [...queues, 'completion-events'],
  outcome: few(...terminalStates),
  jobState: few(...jobStates),
  api: few('neptune', 'neptune-graph', 'neptunedata'),
  /** AWS's name of a call. The SDK has a fixed number of them. */
  action: /^[A-Z][A-Za-z]{2,63}$/,
  callResult: few('ok', 'throttled', 'transient', 'state', 'credentials', 'permanent', 'bug', 'not-sent'),
  visitResult: few('again', 'done', 'broken-off'),
  delivery: few('sent', 'later', 'refused'),
  tickResult: few('done', 'broken-off'),
  kind: few('db-cluster', 'graph'),
  condition: few('running', 'starting', 'stopping', 'stopped', 'changing', 'recoverable', 'lost', 'gone'),
  should: few('running', 'stopped', 'left'),
  goal: few('running', 'stopped'),
  ledgerState: few('running', 'moving', 'stopped', 'unknown', 'gone'),
  find: few('added', 'brought-forward', 'announced', 'dropped'),
  store: ({ store }) => [store],
  storeMethod: few('read', 'commit', 'page', 'count', 'prune'),
  role: few('all', 'api', 'worker'),
  version: /^\d+\.\d+\.\d+[0-9A-Za-z.+-]{0,40}$/,
  method: few('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
  /** The declared route, with parameter names in place of values. */
  route: /^\/[\w/:.*-]{0,80}$/,
  status: /^[1-5]\d\d$/,
} as const satisfies Record<string, Words>;

export type LabelValue = keyof typeof labelValues;

/** Replaces a value that isn't in its list. */
const other = 'other';

/** Returns a function that gives the value if it is in its list, and `other` if not. */
export function bounds(known: Known): (word: LabelValue, value: string) => string {
  const sets = new Map<LabelValue, RegExp | ReadonlySet<string>>();
  for (const [word, given] of Object.entries(labelValues) as [LabelValue, Words][]) {
    sets.set(word, given instanceof RegExp ? given : new Set(given(known)));
  }
  return (word, value) => {
    const set = sets.get(word);
    const fits = set instanceof RegExp ? set.test(value) : set?.has(value);
    return fits ? value : other;
  };
}

/** The list of values, where there is one. */
export function listed(word: LabelValue, known: Known): readonly string[] | undefined {
  const given: Words = labelValues[word];
  return given instanceof RegExp ? undefined : given(known);
}
