// The job's record: everything the service remembers of one job, what the API answers, and where it appears in indexes.
import { createHash } from 'node:crypto';
import type { Intent, Json, JsonObject, Progress } from '../operation.ts';
import type { Indexes, Store, Stored } from './store.ts';

export const terminalStates = ['succeeded', 'failed', 'cancelled', 'timed-out'] as const;
export type TerminalState = (typeof terminalStates)[number];

/** `queued`: not looked at yet. `waiting`: for its turn, or for an obstacle or trouble to pass. `running`: submitted or following. */
export const jobStates = ['queued', 'waiting', 'running', ...terminalStates] as const;
export type JobState = (typeof jobStates)[number];

/** `pending`: to be delivered. `refused`: SQS refused it for good. `off`: no queue is configured. */
export type EventState = 'pending' | 'sent' | 'refused' | 'off';

/** Where the job stands in its life; the type of its record says what it has there. */
export const phases = ['line', 'look', 'settle', 'follow', 'rest', 'over'] as const;
export type Phase = (typeof phases)[number];

export interface Outcome {
  readonly state: TerminalState;
  /** Whether this job changed anything in AWS; `unknown` where a call's answer was lost and its effect never seen. */
  readonly changed: boolean | 'unknown';
  /** AWS's last word for the state. */
  readonly status?: string;
  /** A stable code of this service, or AWS's own error name. */
  readonly code?: string;
  readonly reason?: string;
  readonly requestId?: string;
  readonly result?: JsonObject;
}

/** The last trouble met, and how much of it in a row. */
export interface Trouble {
  /** Faults in a row, for the backoff. */
  readonly faults: number;
  /** Bugs of ours in all, and crashes of a worker in a row: both have a small budget. */
  readonly bugs: number;
  readonly stalls: number;
  /** Times the change was refused in a state that should allow it. */
  readonly refusals: number;
  readonly code?: string;
  readonly message?: string;
}

export const noTrouble: Trouble = { faults: 0, bugs: 0, stalls: 0, refusals: 0 };

/** What every job has, whatever its phase. All times are the store's, in milliseconds. */
export interface JobBase {
  readonly schema: 1;
  readonly id: string;
  readonly operation: string;
  readonly target: string;
  /** With its target: `default/db-cluster/dev-1`. */
  readonly resource: string;
  readonly input: JsonObject;
  /** The key under which equal requests join this job while it runs. */
  readonly request: string;
  readonly takesTurn: boolean;
  /** Who asked first: `key:<id>`, `session:<key id>`, `schedule:<name>`, `loopback`, `store`; absent in older records. */
  readonly by?: string;
  /** The id of the job that this one repeats, where a person asked for that. */
  readonly retryOf?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly deadline: number;
  readonly polls: number;
  /** Counts the commits of this record. */
  readonly transition: number;
  /** Counts the intents that were committed. */
  readonly intents: number;
  /** Whether the change is known to have been made by this job. */
  readonly changed: boolean | 'unknown';
  readonly status?: string;
  readonly reason?: string;
  readonly progress?: Progress;
  readonly trouble: Trouble;
  /** W3C's `traceparent` of its acceptance, under which all its visits are; absent where nobody traced that. */
  readonly trace?: string;
}

/** Another job has the turn. Due at its own deadline only: the end of the turn before wakes it. */
export interface JobInLine extends JobBase {
  readonly phase: 'line';
  readonly state: 'waiting';
  readonly dueAt: number;
}

/** Nothing is asked of AWS at present. `running` where an intent was taken back, or somebody else's change came to nothing. */
export interface JobLooking extends JobBase {
  readonly phase: 'look';
  readonly state: 'queued' | 'waiting' | 'running';
  readonly dueAt: number;
}

/** The change was tried, and its answer isn't known. */
export interface JobSettling extends JobBase {
  readonly phase: 'settle';
  readonly state: 'running';
  readonly dueAt: number;
  readonly intent: Intent;
}

/** The change is under way: this job's (with its intent), one that it adopted (with a handle only), or somebody else's. */
export interface JobFollowing extends JobBase {
  readonly phase: 'follow';
  readonly state: 'running';
  readonly dueAt: number;
  readonly intent?: Intent;
  readonly handle?: Json;
}

interface JobEnded extends JobBase {
  readonly state: TerminalState;
  readonly outcome: Outcome;
  readonly event: EventState;
  readonly finishedAt: number;
  readonly handle?: Json;
}

/** The job has ended, but its resource is still moving, and the turn with it. */
export interface JobResting extends JobEnded {
  readonly phase: 'rest';
  readonly dueAt: number;
  readonly intent: Intent;
}

/** The job has ended, and nothing is left to do but to announce it. */
export interface JobOver extends JobEnded {
  readonly phase: 'over';
  readonly intent?: Intent;
}

/** A job that has its outcome. */
export type EndedJob = JobResting | JobOver;

/** A job that is visited again. */
export type DueJob = Exclude<JobRecord, JobOver>;

/** A job in a phase of its life in which AWS may still be asked. */
export type LiveJob = JobInLine | JobLooking | JobSettling | JobFollowing;

/** The record of a job: what a phase doesn't have can't be read in it. */
export type JobRecord = LiveJob | JobResting | JobOver;

/** A job in one phase. */
export type JobIn<P extends Phase> = Extract<JobRecord, { readonly phase: P }>;

export type StoredJob = Stored<JobRecord>;

export const keyOf = {
  job: (id: string) => `job/${id}`,
  turn: (resource: string) => `turn/${resource}`,
  request: (digest: string) => `request/${digest}`,
  idempotency: (digest: string) => `idempotency/${digest}`,
  cancel: (id: string) => `cancel/${id}`,
  history: (id: string) => `history/${id}`,
  hold: (target: string) => `hold/${target}`,
  rate: (queue: string) => `rate/${queue}`,
  credentials: (target: string) => `credentials/${target}`,
  session: (digest: string) => `session/${digest}`,
  worker: (id: string) => `worker/${id}`,
  /** Random bytes that all processes share; not a credential of anybody's. */
  secret: (of: string) => `secret/${of}`,
};

export const indexOf = {
  jobs: 'jobs',
  operation: (name: string) => `jobs/operation/${name}`,
  state: (state: JobState) => `jobs/state/${state}`,
  resource: (resource: string) => `jobs/resource/${resource}`,
  due: 'due',
  line: (resource: string) => `line/${resource}`,
  /** All jobs in line, by their deadlines. */
  inLine: 'in-line',
  events: 'events',
  over: 'over',
  idempotency: 'idempotency',
  /** What one asker has: jobs that haven't ended, and idempotency keys. A key and its sessions are one asker. */
  live: (by: string) => `live/${askerOf(by)}`,
  idempotencyOf: (by: string) => `idempotency/${askerOf(by)}`,
  cancels: 'cancels',
  history: 'history',
  holds: 'holds',
  /** By the time they expire. */
  sessions: 'sessions',
  workers: 'workers',
};

/** The job where it has ended, with its outcome and event. */
export function ended(job: JobRecord): EndedJob | undefined {
  return isEnded(job) ? job : undefined;
}

/** Whether the job has its outcome. */
export function isEnded(job: JobRecord): job is EndedJob {
  return job.phase === 'rest' || job.phase === 'over';
}

/** The indexes a job is in, by what its record says. */
export function jobIndexes(job: JobRecord): Indexes {
  return {
    [indexOf.jobs]: job.createdAt,
    [indexOf.operation(job.operation)]: job.createdAt,
    [indexOf.state(job.state)]: job.createdAt,
    [indexOf.resource(job.resource)]: job.createdAt,
    ...(job.by === undefined || isEnded(job) ? {} : { [indexOf.live(job.by)]: job.createdAt }),
    ...(job.phase === 'over' ? {} : { [indexOf.due]: job.dueAt }),
    ...(job.phase === 'line' ? { [indexOf.line(job.resource)]: job.createdAt, [indexOf.inLine]: job.deadline } : {}),
    ...(isEnded(job) && job.event === 'pending' ? { [indexOf.events]: job.finishedAt ?? 0 } : {}),
    ...(job.phase === 'over' && job.event !== 'pending' ? { [indexOf.over]: job.finishedAt ?? 0 } : {}),
  };
}

function askerOf(by: string): string {
  return by.replace(/^session:/, 'key:');
}

/** The right to change a resource. */
export interface Turn {
  readonly job: string;
  readonly since: number;
}

/** A wish to cancel, beside the record so that it never gets in the way of an answer being written down. */
export interface CancelFlag {
  readonly job: string;
  readonly at: number;
}

/** A digest that is the same for equal JSON, whatever the order of its names. */
export function digestOf(value: Json): string {
  return createHash('sha256').update(canonical(value)).digest('base64url');
}

function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  const named = Object.entries(value as JsonObject).filter(([, part]) => part !== undefined);
  return `{${named
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`)
    .join(',')}}`;
}

/** One job's record, with the store's time. An id that can't be one is nobody's: not every store takes every letter. */
export async function readJob(store: Store, id: string): Promise<{ at: number; job: StoredJob | undefined }> {
  if (!/^[\x20-\x7e]{1,200}$/.test(id)) return { at: (await store.read([])).at, job: undefined };
  const { at, records } = await store.read([keyOf.job(id)]);
  return { at, job: records[0] as StoredJob | undefined };
}
