// The state machine of a job, walked: every phase meets every event, and the result is told in words. For the table and the
// diagram in docs/architecture.md, and for the test that walks it.
import type { Fault } from '../src/aws/faults.ts';
import type { Observation, Verdict } from '../src/operation.ts';
import { type JobRecord, type Phase, noTrouble, phases } from '../src/records/job.ts';
import { type Event, type EventType, type Happening, next, transitions } from '../src/workers/transitions.ts';

/** One thing that can happen, in the words of the table. `at` is before or after the time to settle, where that matters. */
export interface Case {
  readonly label: string;
  readonly happening: Happening;
  readonly at?: number;
}

const [accepted, settled, deadline] = [0, 60_000, 3_600_000];
const job = {
  schema: 1,
  id: 'job-1',
  operation: 'stop-db-cluster',
  target: 'default',
  resource: 'default/db-cluster/dev-1',
  input: { dbClusterIdentifier: 'dev-1' },
  request: 'digest',
  takesTurn: true,
  createdAt: accepted,
  deadline,
  polls: 1,
  transition: 1,
  intents: 0,
  changed: false,
  trouble: noTrouble,
} as const;
const intent = { number: 1, at: accepted };
const end = { outcome: { state: 'cancelled', changed: true }, event: 'pending', finishedAt: 0 } as const;

/** A job in each phase; in `settle`, `follow` and `rest` AWS was asked for its change. */
export const examples: { readonly [P in Phase]: Extract<JobRecord, { phase: P }> } = {
  line: { ...job, phase: 'line', state: 'waiting', dueAt: deadline },
  look: { ...job, phase: 'look', state: 'queued', dueAt: 0 },
  settle: { ...job, phase: 'settle', state: 'running', dueAt: 0, intent, intents: 1 },
  follow: { ...job, phase: 'follow', state: 'running', dueAt: 0, intent, intents: 1, handle: null, changed: true },
  rest: { ...job, ...end, phase: 'rest', state: 'cancelled', dueAt: 0, intent, intents: 1, changed: true },
  over: { ...job, ...end, phase: 'over', state: 'cancelled', intents: 1, changed: true },
};

const seen = (verdict: Verdict): Observation => ({ status: verdict, verdict });
const fault = (kind: Fault['class'], effect: Fault['effect'] = 'unknown'): Fault => ({
  class: kind,
  code: 'SomeFault',
  message: 'AWS says so.',
  effect,
});
const refusal = { code: 'refused', reason: 'It is not allowed.' };

export const cases: readonly Case[] = [
  { label: 'looked: ready', happening: { type: 'looked', seen: seen('ready') } },
  {
    label: 'looked: ready, and the time to settle is over',
    happening: { type: 'looked', seen: seen('ready') },
    at: settled,
  },
  { label: 'looked: obstacle', happening: { type: 'looked', seen: seen('obstacle') } },
  { label: 'looked: pending', happening: { type: 'looked', seen: seen('pending') } },
  { label: 'looked: succeeded', happening: { type: 'looked', seen: seen('succeeded') } },
  { label: 'looked: failed', happening: { type: 'looked', seen: seen('failed') } },
  { label: 'looked: cancelled', happening: { type: 'looked', seen: seen('cancelled') } },
  { label: 'not-admitted', happening: { type: 'not-admitted', refusal } },
  { label: 'stopped-short', happening: { type: 'stopped-short' } },
  { label: 'held', happening: { type: 'held', seen: seen('ready') } },
  { label: 'intended', happening: { type: 'intended', seen: seen('ready') } },
  { label: 'not-sent', happening: { type: 'not-sent' } },
  { label: 'accepted', happening: { type: 'accepted', handle: null } },
  { label: 'failed: it passes', happening: { type: 'failed', fault: fault('transient'), submitting: false } },
  { label: 'failed: throttled', happening: { type: 'failed', fault: fault('throttled'), submitting: false } },
  { label: 'failed: for good', happening: { type: 'failed', fault: fault('permanent'), submitting: false } },
  {
    label: 'failed: the change, certainly refused for now',
    happening: { type: 'failed', fault: fault('state', 'none'), submitting: true },
  },
  {
    label: 'failed: the change, and perhaps it happened',
    happening: { type: 'failed', fault: fault('transient'), submitting: true },
  },
  {
    label: 'failed: the change, refused for good',
    happening: { type: 'failed', fault: fault('permanent', 'none'), submitting: true },
  },
  { label: 'cancel-requested', happening: { type: 'cancel-requested' } },
  { label: 'deadline-passed', happening: { type: 'deadline-passed' }, at: deadline },
  { label: 'workers-died', happening: { type: 'workers-died' } },
  { label: 'operation-unknown', happening: { type: 'operation-unknown', cancel: false } },
  { label: 'operation-unknown, and a cancel is requested', happening: { type: 'operation-unknown', cancel: true } },
  {
    label: 'operation-unknown, at the deadline',
    happening: { type: 'operation-unknown', cancel: false },
    at: deadline,
  },
  { label: 'target-unknown', happening: { type: 'target-unknown' } },
  { label: 'turn-given', happening: { type: 'turn-given' } },
  { label: 'event-changed', happening: { type: 'event-changed', to: 'sent' } },
];

export const eventTypes = Object.keys(transitions.line) as EventType[];

/** A change is submitted in its own phase only. */
function isOutOfPlace(phase: Phase, { happening }: Case): boolean {
  return happening.type === 'failed' && happening.submitting && phase !== 'settle' && phase !== 'over';
}

/** What becomes of an example: its phase, its state where it has ended, and the effect; `impossible` where the pair can't be. */
export function result(phase: Phase, one: Case): string {
  const { happening, at = 1_000 } = one;
  if (typeof transitions[phase][happening.type] !== 'function' || isOutOfPlace(phase, one)) return 'impossible';
  const timing = { firstPoll: 15_000, poll: [15_000, 60_000], deadline, settle: settled } as const;
  const operation = { kind: 'converge', timing, unfound: 'submit-again' } as const;
  const event: Event = { ...happening, at, jitter: 0.5, stalls: 0, bounds: {}, events: true, operation };
  const { job: after, effect } = next(examples[phase], event);
  const ended = after.phase === 'rest' || after.phase === 'over' ? ` (${after.state})` : '';
  return `${after.phase}${phase === after.phase && ended !== '' ? '' : ended}: ${effect.do}`;
}

/** The table of docs/architecture.md: a row for each case, a column for each phase. */
export function stateRows(): string[][] {
  return cases.map((one) => [
    one.label,
    ...phases.map((phase) => {
      const told = result(phase, one);
      return told === 'impossible' ? '' : told;
    }),
  ]);
}

/** The diagram of docs/architecture.md, in Mermaid: which events lead from phase to phase. */
export function stateDiagram(): string {
  const edges = new Map<string, Set<string>>();
  for (const phase of phases) {
    for (const one of cases) {
      const to = /^(\w+)/.exec(result(phase, one))?.[1] ?? '';
      if (to === 'impossible' || to === phase) continue;
      const edge = `  ${phase} --> ${to}`;
      edges.set(edge, (edges.get(edge) ?? new Set()).add(one.happening.type));
    }
  }
  const lines = [...edges].map(([edge, types]) => `${edge}: ${[...types].join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> look', '  [*] --> line', ...lines, '  over --> [*]', '```'].join(
    '\n',
  );
}
