// A job as its caller sees it: the API's JSON, with the types of input and result that the operation's name stands for.
import type { z } from 'zod';
import type { OperationName, operations } from '../handlers/index.ts';
import type { JobJson } from '../records/job-json.ts';
import type { JobState, Outcome, TerminalState } from '../records/job.ts';
import type { ResultOf } from './results.ts';

type Schema<Name extends OperationName> = (typeof operations)[Name]['input'];

/** What a caller gives. */
export type InputOf<Name extends OperationName> =
  unknown extends z.input<Schema<Name>> ? z.output<Schema<Name>> : z.input<Schema<Name>>;

interface JobOf<Name extends OperationName> extends Omit<JobJson, 'operation' | 'input' | 'outcome'> {
  readonly operation: Name;
  /** Normalised: identifiers in lower case. */
  readonly input: z.output<Schema<Name>>;
  readonly outcome: OutcomeOf<Name> | null;
}

/** `result` is whole where `state` is `succeeded`. */
export type OutcomeOf<Name extends OperationName> =
  | (Omit<Outcome, 'result' | 'state'> & { readonly state: 'succeeded'; readonly result?: ResultOf<Name> })
  | (Omit<Outcome, 'result' | 'state'> & {
      readonly state: Exclude<TerminalState, 'succeeded'>;
      readonly result?: Partial<ResultOf<Name>>;
    });

/** A job; of several operations, a union that `operation` tells apart. */
export type Job<Name extends OperationName = OperationName> = Name extends OperationName ? JobOf<Name> : never;

/** A job with its outcome: whether it succeeded is for the caller to look at. */
export type EndedJob<Name extends OperationName = OperationName> = Name extends OperationName
  ? JobOf<Name> & { readonly state: TerminalState; readonly outcome: OutcomeOf<Name> }
  : never;

/** A job's id, or the job itself: then its operation's types are known. */
export type JobRef<Name extends OperationName = OperationName> =
  string | { readonly id: string; readonly operation: Name };

/** Everything left out fits everything. */
export interface JobFilter<Name extends OperationName = OperationName> {
  readonly operation?: Name | undefined;
  readonly state?: JobState | undefined;
  /** With its target: `default/db-cluster/dev-1`. */
  readonly resource?: string | undefined;
  /** Who asked: `key:<id>`, `session:<key id>`, `schedule:<name>`, `loopback` or `store`. */
  readonly by?: string | undefined;
  /** Created at this time or later, or earlier; a text is ISO 8601 with its zone. */
  readonly since?: Date | string | undefined;
  readonly until?: Date | string | undefined;
}

/** Newest first. A page may be short, even empty, while `nextCursor` says that there is more. */
export interface JobPage<Name extends OperationName = OperationName> {
  readonly jobs: readonly Job<Name>[];
  readonly nextCursor: string | null;
}

export function idOf(job: JobRef): string {
  return typeof job === 'string' ? job : job.id;
}

export function isoInstant(time: Date | string): string {
  return typeof time === 'string' ? time : time.toISOString();
}
