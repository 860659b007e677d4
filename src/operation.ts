// What an operation is: the words everything else is written in, and one constructor for each of the three kinds.
// Knows nothing of AWS, queues or stores. A handler declares an operation, and the lifecycle carries it out.
import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';

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
export type Verdict = 'ready' | 'obstacle' | 'pending' | 'succeeded' | 'failed' | 'cancelled';

/** A verdict, or a failure with a stable code and a sentence that says what to do. */
export type Meaning = Verdict | Refusal;

/** Every status AWS models → what it means here. Exhaustive: leaving a status out doesn't compile. */
export type StateTable<Status extends string = string> = Readonly<Record<Status, Meaning>>;

/** How far the work is, as AWS tells it. `percent` is 0 to 100. */
export type Progress = { readonly percent?: number } & JsonObject;

/** One look at a resource. `Result` is what a caller can use once the job has ended. */
export interface Observation<Result extends JsonObject = JsonObject> {
  /** AWS's own word for the state. */
  readonly status: string;
  readonly verdict: Verdict;
  /** Stable code and sentence of a failure. */
  readonly code?: string;
  readonly reason?: string;
  readonly result?: Result;
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

/** What the operator allows, for the job's target: clusters and graphs that may be emptied, as `target/identifier`. */
export interface Policy {
  readonly target: string;
  readonly resettable: ReadonlySet<string>;
  readonly resettableGraphs: ReadonlySet<string>;
}

/** A stable code, and a sentence that says what to do. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** Why a request is not accepted: a code of the error table, and a sentence that says what to do. */
export interface Rejection extends Refusal {
  readonly code: ErrorCode;
}

/** What a fault of AWS means, by error name, where the operation knows better than the common table. */
type FaultTable = Readonly<Record<string, FaultMeaning>>;

/**
 * `look-again`: read the state before judging; refused a second time in a state that should allow it, the job fails.
 * `wait`: the state is in the way and passes. A refusal: the job fails with this code and sentence.
 */
export type FaultMeaning = 'look-again' | 'wait' | Refusal;

/**
 * The IAM actions that an operation takes, each with the ARNs to which AWS's service authorization reference lets it be
 * narrowed; `*` where it can't be.
 */
export type Permissions = Readonly<Record<string, readonly string[]>>;

/** Reads a status by a declared table. */
export type Judge = (status: string) => Pick<Observation, 'status' | 'verdict' | 'code' | 'reason' | 'unknown'>;

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
  admit?(input: Input, policy: Policy): Rejection | undefined;
  readonly timing: Timing;
  readonly permissions: Permissions;
  readonly faults?: FaultTable;
}

interface Common<Input> extends Described<Input> {
  /** Every status and its meaning, as documented to users and as looks are judged. */
  readonly states: StateTable;
  readonly faults: FaultTable;
}

/** Follows something that is already going on. Changes nothing, takes no turn. */
export interface Watch<Aws, Input, Result extends JsonObject = JsonObject> extends Common<Input> {
  readonly kind: 'watch';
  readonly destructive: 'no';
  readonly takesTurn: false;
  /** Looks at the present state. Harmless to repeat. `handle` is what an earlier look of the same job left to remember. */
  prepare(visit: Visit<Input, Aws>): Promise<Observation<Result>>;
  /** One look at what is followed. */
  poll(visit: Visit<Input, Aws>, handle: Json, intent: Intent | undefined): Promise<Observation<Result>>;
}

interface Changing<Aws, Input, Result extends JsonObject> extends Common<Input> {
  readonly takesTurn: true;
  /** Looks at the present state. Harmless to repeat. */
  prepare(visit: Visit<Input, Aws>): Promise<Observation>;
  /** The changing call, made once, with what `arm` answered (else empty). Answers the handle to follow it by. */
  submit(visit: Visit<Input, Aws>, intent: Intent, gate: Gate, secret: string): Promise<Json>;
  /** After a lost answer: did it happen? `ready` or `obstacle`: no sign of it. Anything else: it did, go on from there. */
  find(visit: Visit<Input, Aws>, intent: Intent): Promise<Observation<Result>>;
  /** One look at the submitted work. `ready` and `obstacle` count as pending here: the look may be older than the change. */
  poll(visit: Visit<Input, Aws>, handle: Json, intent: Intent | undefined): Promise<Observation<Result>>;
}

/** Brings a resource to a state. Asking twice does no harm, so a lost answer that left no sign is asked again. */
export interface Converge<Aws, Input, Result extends JsonObject = JsonObject> extends Changing<Aws, Input, Result> {
  readonly kind: 'converge';
  readonly destructive: 'no' | 'interrupts';
  /** What to do once `find` has seen no sign for the whole of `timing.settle`. */
  readonly unfound: 'submit-again';
}

/** Starts something new and follows that very thing. What erases is never asked for twice: its `unfound` is a failure. */
export type Launch<Aws, Input, Result extends JsonObject = JsonObject> = Changing<Aws, Input, Result> &
  Unfound & {
    readonly kind: 'launch';
    /** A harmless call right before the intent whose answer is a secret: kept in memory for `submit`, never written anywhere. */
    arm?(visit: Visit<Input, Aws>, baseline: Json): Promise<string>;
  };

type Unfound =
  | { readonly destructive: 'no' | 'interrupts'; readonly unfound: 'submit-again' | Refusal }
  | { readonly destructive: 'erases'; readonly unfound: Refusal };

/** The erased shape that the lifecycle, the API and the documents see. */
export type Operation<Aws = unknown, Input = JsonObject, Result extends JsonObject = JsonObject> =
  Watch<Aws, Input, Result> | Converge<Aws, Input, Result> | Launch<Aws, Input, Result>;

/** Looks at a resource, judges its status by the declared table, and answers what it saw. */
type Look<Input, Aws, Result extends JsonObject> = (
  visit: Visit<Input, Aws>,
  judge: Judge,
  handle?: Json,
) => Promise<Observation<Result>>;

/** Declares a watch: what is going on already is followed until AWS says how it ended. */
export function watch<Input, Aws, Result extends JsonObject>(
  declaration: Described<Input> & {
    readonly destructive: 'no';
    readonly states: StateTable;
    readonly look: Look<Input, Aws, Result>;
  },
): Watch<Aws, Input, Result> {
  const { look, ...described } = declaration;
  const judge = judgeBy(declaration.states);
  return {
    faults: {},
    ...described,
    kind: 'watch',
    takesTurn: false,
    prepare: (visit) => look(visit, judge),
    poll: (visit, handle) => look(visit, judge, handle),
  };
}

/** Declares a change of state: done already, under way, in the way, or to be asked for, as the state table says. */
export function converge<Input, Aws, Result extends JsonObject>(
  declaration: Described<Input> & {
    readonly destructive: 'no' | 'interrupts';
    readonly states: StateTable;
    readonly look: Look<Input, Aws, Result>;
    readonly change: (visit: Visit<Input, Aws>, gate: Gate, intent: Intent) => Promise<unknown>;
  },
): Converge<Aws, Input, Result> {
  const { look, change, ...described } = declaration;
  const judge = judgeBy(declaration.states);
  return {
    faults: {},
    ...described,
    kind: 'converge',
    takesTurn: true,
    unfound: 'submit-again',
    prepare: (visit) => look(visit, judge),
    submit: async (visit, intent, gate) => {
      await change(visit, gate, intent);
      return null;
    },
    find: (visit) => look(visit, judge),
    poll: (visit, handle) => look(visit, judge, handle),
  };
}

/** The two tables of a launch: of what it acts on before the call, and of what it has launched. */
interface Judges {
  readonly before: Judge;
  readonly after: Judge;
}

/** Declares a launch: something new is started and followed by its handle. */
export function launch<Input, Aws, Result extends JsonObject>(
  declaration: Described<Input> &
    Unfound & {
      /** What the statuses of the resource mean before the call, and those of what was launched after it. */
      readonly before: StateTable;
      readonly after: StateTable;
      /** In the documents, the word that tells a status of `after` from one of `before`. */
      readonly afterOf?: string;
      readonly prepare: (visit: Visit<Input, Aws>, judge: Judges) => Promise<Observation>;
      readonly arm?: (visit: Visit<Input, Aws>, baseline: Json) => Promise<string>;
      readonly submit: (visit: Visit<Input, Aws>, intent: Intent, gate: Gate, secret: string) => Promise<Json>;
      readonly find: (visit: Visit<Input, Aws>, intent: Intent, judge: Judge) => Promise<Observation<Result>>;
      readonly poll: (
        visit: Visit<Input, Aws>,
        handle: Json,
        intent: Intent | undefined,
        judge: Judge,
      ) => Promise<Observation<Result>>;
    },
): Launch<Aws, Input, Result> {
  const { before, after, afterOf, prepare, find, poll, ...described } = declaration;
  const judges: Judges = { before: judgeBy(before), after: judgeBy(after) };
  const prefix = afterOf === undefined ? '' : `${afterOf} `;
  const prefixed = Object.entries(after).map(([status, meaning]) => [prefix + status, meaning]);
  return {
    faults: {},
    ...described,
    kind: 'launch',
    takesTurn: true,
    states: { ...before, ...Object.fromEntries(prefixed) },
    prepare: (visit) => prepare(visit, judges),
    find: (visit, intent) => find(visit, intent, judges.after),
    poll: (visit, handle, intent) => poll(visit, handle, intent, judges.after),
  };
}

/** The IAM actions that an operation takes. */
export function actionsOf({ permissions }: Pick<Operation, 'permissions'>): readonly string[] {
  return Object.keys(permissions);
}

/** What `find` answers where nothing shows that the change happened. */
export function noSign(status: string): Pick<Observation, 'status' | 'verdict'> {
  return { status, verdict: 'ready' };
}

/** A status that no table knows is pending, not fatal: AWS adds states. */
function judgeBy(table: StateTable): Judge {
  return (status) => {
    const meaning = Object.hasOwn(table, status) ? table[status] : undefined;
    if (meaning === undefined) return { status, verdict: 'pending', unknown: true };
    if (typeof meaning === 'string') return { status, verdict: meaning };
    return { status, verdict: 'failed', ...meaning };
  };
}
