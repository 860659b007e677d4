// The job's types for callers: the API's JSON, with input and result typed by the operation's name.
import type { z } from 'zod';
import type { OperationName, operations } from '../handlers/index.ts';
import type { JobJson } from '../records/job-json.ts';
import type { JobState, Outcome, TerminalState } from '../records/job.ts';
import type { ResultOf } from './results.ts';

type Schema<Name extends OperationName> = (typeof operations)[Name]['input'];

/** The input as a caller writes it. */
export type InputOf<Name extends OperationName> =
  unknown extends z.input<Schema<Name>> ? z.output<Schema<Name>> : z.input<Schema<Name>>;

interface JobOf<Name extends OperationName> extends Omit<JobJson, 'operation' | 'input' | 'outcome'> {
  readonly operation: Name;
  /** Normalised: identifiers in lower case. */
  readonly input: z.output<Schema<Name>>;
  readonly outcome: OutcomeOf<Name> | null;
}

/** `result` is complete when `state` is `succeeded`. */
export type OutcomeOf<Name extends OperationName> =
  | (Omit<Outcome, 'result' | 'state'> & { readonly state: 'succeeded'; readonly result?: ResultOf<Name> })
  | (Omit<Outcome, 'result' | 'state'> & {
      readonly state: Exclude<TerminalState, 'succeeded'>;
      readonly result?: Partial<ResultOf<Name>>;
    });

/** A job. For several operations it is a union that `operation` discriminates. */
export type Job<Name extends OperationName = OperationName> = Name extends OperationName ? JobOf<Name> : never;

/** A job with its outcome, successful or not. */
export type EndedJob<Name extends OperationName = OperationName> = Name extends OperationName
  ? JobOf<Name> & { readonly state: TerminalState; readonly outcome: OutcomeOf<Name> }
  : never;

/** A job's id, or the job itself, which carries its operation's types. */
export type JobRef<Name extends OperationName = OperationName> =
  string | { readonly id: string; readonly operation: Name };

/** A filter that is left out matches every job. */
export interface JobFilter<Name extends OperationName = OperationName> {
  readonly operation?: Name | undefined;
  readonly state?: JobState | undefined;
  /** With its target: `default/db-cluster/dev-1`. */
  readonly resource?: string | undefined;
  /** Who asked: `key:<id>`, `session:<key id>`, `schedule:<name>`, `loopback` or `store`. */
  readonly by?: string | undefined;
  /** Bounds of the creation time, both included; a text is ISO 8601 with its zone. */
  readonly since?: Date | string | undefined;
  readonly until?: Date | string | undefined;
}

/** Newest first. A page may be short or empty although `nextCursor` says that more follow. */
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
