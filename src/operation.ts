// What an operation is: the words everything else is written in, and one constructor for each of the three kinds.
// Knows nothing of AWS, queues or stores; a handler declares, the lifecycle carries out.
import type { z } from 'zod';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };
export type JsonObject = { readonly [name: string]: Json | undefined };

/** The AWS API whose budget an operation's visits use; each has a queue of its own in every target. */
export const apis = ['neptune', 'neptune-graph', 'neptunedata'] as const;
export type Api = (typeof apis)[number];

/**
 * What an AWS status means to a job.
 * `ready`: the change can be asked for now. `obstacle`: it can't yet, and this passes by itself. `pending`: it is under
 * way. The other three end the job.
 */
type Verdict = 'ready' | 'obstacle' | 'pending' | 'succeeded' | 'failed' | 'cancelled';

/** A verdict, or a failure with a stable code and a sentence that says what to do. */
export type Meaning = Verdict | Refusal;

/** Every status AWS models → what it means here. Exhaustive: leaving a status out doesn't compile. */
export type StateTable<Status extends string = string> = Readonly<Record<Status, Meaning>>;

/** How far the work is, as AWS tells it. `percent` is 0 to 100. */
export type Progress = { readonly percent?: number } & JsonObject;

/** One look at a resource. */
export interface Observation {
  /** AWS's own word for the state. */
  readonly status: string;
  readonly verdict: Verdict;
  /** Stable code and sentence of a failure. */
  readonly code?: string;
  readonly reason?: string;
  /** What a caller can use once the job has ended. */
  readonly result?: JsonObject;
  readonly progress?: Progress;
  /** When to look again, in milliseconds from now, where the work itself tells better than the declared cadence. */
  readonly nextPoll?: number;
  /** What later polls need to follow this very piece of work, kept in the record. */
  readonly handle?: Json;
  /** What must be known from before the change to prove it later, committed with the intent. */
  readonly baseline?: Json;
  /** AWS said a status that no table knows; it counts as pending. */
  readonly unknown?: true;
}

/** What a handler is given for one visit. `Aws` is the clients of the job's target. */
export interface Visit<Input, Aws> {
  readonly job: { readonly id: string; readonly createdAt: number };
  readonly target: string;
  readonly input: Input;
  readonly aws: Aws;
  /** The store's time at the start of the visit, in milliseconds. */
  readonly now: number;
}

/** The committed try to change something. `at` is the store's time in milliseconds. */
export interface Intent {
  readonly number: number;
  readonly at: number;
  readonly baseline?: Json;
}

/**
 * Awaited between signing a changing request and sending it. Rejects when the job is no longer this worker's, or when
 * too long has passed; then nothing is sent.
 */
export type Gate = () => Promise<void>;

/** In milliseconds. */
export interface Timing {
  /** From the accepted change to the first look. */
  readonly firstPoll: number;
  /** The shortest and the longest time between two looks; it grows from the one to the other. */
  readonly poll: readonly [number, number];
  /** From being accepted to `timed-out`, where the request names no deadline. */
  readonly deadline: number;
  /** How long after a change whose answer was lost the world may still turn out to have changed. */
  readonly settle: number;
}

/** `no`: reads only, or adds something. `interrupts`: people lose their connection. `erases`: data or work is gone. */
type Destructive = 'no' | 'interrupts' | 'erases';

/** What the operator allows, for the job's target. `resettable` holds cluster identifiers. */
export interface Policy {
  readonly target: string;
  readonly resettable: ReadonlySet<string>;
}

/** A stable code, and a sentence that says what to do. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** What a fault of AWS means, by error name, where the operation knows better than the common table. */
type FaultTable = Readonly<Record<string, FaultMeaning>>;

/**
 * `look-again`: read the state before judging; refused a second time in a state that should allow it, the job fails.
 * `wait`: the state is in the way and passes. A refusal: the job fails with this code and sentence.
 */
type FaultMeaning = 'look-again' | 'wait' | Refusal;

interface Described<Input> {
  /** Kebab-case; the file's name, the route, the command and the job's name. */
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  readonly api: Api;
  readonly input: z.ZodType<Input>;
  readonly example: Input;
  /** What the job acts on, without its target: `db-cluster/dev-1`. */
  resource(input: Input): string;
  readonly destructive: Destructive;
  /** What the operator's rules have against this request, asked when it is accepted and once more before the change. */
  admit?(input: Input, policy: Policy): Refusal | undefined;
  /** Every status and its meaning, as documented to users. */
  readonly states: StateTable;
  readonly timing: Timing;
  /** IAM actions the operation takes. */
  readonly actions: readonly string[];
}

/** The one erased shape that the lifecycle, the door and the documents see. */
export interface Operation<Aws = unknown, Input = JsonObject> extends Described<Input> {
  readonly kind: 'watch' | 'converge' | 'launch';
  readonly takesTurn: boolean;
  readonly faults: FaultTable;
  /** Looks at the present state. Harmless to repeat. */
  prepare(visit: Visit<Input, Aws>): Promise<Observation>;
  /** A harmless call right before the intent whose answer is a secret: kept in memory for `submit`, never written anywhere. */
  arm?(visit: Visit<Input, Aws>, baseline: Json): Promise<string>;
  /** The changing call, made once, with what `arm` answered (else empty). Answers the handle to follow it by. */
  submit?(visit: Visit<Input, Aws>, intent: Intent, gate: Gate, secret: string): Promise<Json>;
  /** After a lost answer: did it happen? `ready` or `obstacle`: no sign of it. Anything else: it did, go on from there. */
  find?(visit: Visit<Input, Aws>, intent: Intent): Promise<Observation>;
  /** What to do once `find` has seen no sign for the whole of `timing.settle`. */
  readonly unfound: 'submit-again' | Refusal;
  /** One look at the submitted work. `ready` and `obstacle` count as pending here: the look may be older than the change. */
  poll(visit: Visit<Input, Aws>, handle: Json, intent: Intent | undefined): Promise<Observation>;
}

/** `handle` is what an earlier look of the same job left to remember. */
type Look<Input, Aws> = (visit: Visit<Input, Aws>, handle?: Json) => Promise<Observation>;

/** Follows something that is already going on until AWS says how it ended. Changes nothing, takes no turn. */
export function watch<Input, Aws>(
  declaration: Described<Input> & { readonly look: Look<Input, Aws>; readonly faults?: FaultTable },
): Operation<Aws, Input> {
  const { look, ...described } = declaration;
  return {
    faults: {},
    ...described,
    kind: 'watch',
    takesTurn: false,
    unfound: 'submit-again',
    prepare: look,
    poll: look,
  };
}

/** Brings a resource to a state: done already, under way, in the way, or to be asked for, as the state table says. */
export function converge<Input, Aws>(
  declaration: Described<Input> & {
    readonly look: Look<Input, Aws>;
    readonly change: (visit: Visit<Input, Aws>, gate: Gate, intent: Intent) => Promise<unknown>;
    readonly faults?: FaultTable;
  },
): Operation<Aws, Input> {
  const { look, change, ...described } = declaration;
  return {
    faults: {},
    ...described,
    kind: 'converge',
    takesTurn: true,
    unfound: 'submit-again',
    prepare: look,
    submit: async (visit, intent, gate) => {
      await change(visit, gate, intent);
      return null;
    },
    find: (visit) => look(visit),
    poll: look,
  };
}

/** Starts something new and follows that very thing by its handle. */
export function launch<Input, Aws>(
  declaration: Described<Input> & {
    readonly prepare: Look<Input, Aws>;
    readonly arm?: (visit: Visit<Input, Aws>, baseline: Json) => Promise<string>;
    readonly submit: (visit: Visit<Input, Aws>, intent: Intent, gate: Gate, secret: string) => Promise<Json>;
    readonly find: (visit: Visit<Input, Aws>, intent: Intent) => Promise<Observation>;
    readonly unfound: Operation['unfound'];
    readonly poll: (visit: Visit<Input, Aws>, handle: Json, intent: Intent | undefined) => Promise<Observation>;
    readonly faults?: FaultTable;
  },
): Operation<Aws, Input> {
  return { faults: {}, ...declaration, kind: 'launch', takesTurn: true };
}

/** A table whose statuses are told from another's by a word before them. */
export function prefixed(prefix: string, table: StateTable): StateTable {
  return Object.fromEntries(Object.entries(table).map(([status, meaning]) => [prefix + status, meaning]));
}

/** Reads a status by its table; a status nobody knows is pending, not fatal: AWS adds states. */
export function judgeStatus(
  table: StateTable,
  status: string,
): Pick<Observation, 'status' | 'verdict' | 'code' | 'reason' | 'unknown'> {
  const meaning = Object.hasOwn(table, status) ? table[status] : undefined;
  if (meaning === undefined) return { status, verdict: 'pending', unknown: true };
  if (typeof meaning === 'string') return { status, verdict: meaning };
  return { status, verdict: 'failed', ...meaning };
}
