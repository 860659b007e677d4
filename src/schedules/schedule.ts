// The words of schedules: when resources should be running, which ones, and how carefully they are put to sleep.
// What a file says once it was read and found right; nothing here reads, decides or calls anything.
import type { JsonObject } from '../operation.ts';

/** The kinds of resource that can sleep, as they stand in a resource's name: `default/db-cluster/dev-1`. */
export const resourceKinds = ['db-cluster', 'graph'] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/** Where in the file something stands; both count from 1. */
export interface FilePosition {
  readonly line: number;
  readonly column: number;
}

/** Resources by identifier or by name pattern (`*` stands for any letters), and by tag if one is given: both must fit. */
export interface Selection {
  readonly target: string;
  readonly kind: ResourceKind;
  /** Lower case. `*` alone is every resource of this kind. Graphs are meant by their id or by their name. */
  readonly pattern: string;
  readonly tag?: { readonly key: string; readonly value: string };
  readonly place: FilePosition;
}

/** A stretch of each of these days in which resources run. Times are minutes after midnight by the wall clock, 0 to 1440. */
export interface Window {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly place: FilePosition;
}

/** A stretch of its own, above windows and exceptions: wall-clock times as `2026-12-12T08:00`. */
export interface OneOff {
  readonly from: string;
  readonly to: string;
  readonly running: boolean;
  readonly place: FilePosition;
}

/** How a resource is put to sleep. */
export interface StopPolicy {
  /** In use: look again for at most `postpone` milliseconds, and afterwards stop it or leave it until the next boundary. */
  readonly postpone: number;
  readonly afterwards: 'stop' | 'leave';
  /** Whether it is in use could not be read. */
  readonly unknown: 'stop' | 'leave';
  /** Take a snapshot first; without it nothing is stopped. */
  readonly snapshot: boolean;
}

interface Named {
  readonly name: string;
  readonly description?: string;
  readonly timeZone: string;
  readonly applies: readonly Selection[];
  readonly place: FilePosition;
}

/** Says when resources should be running; at all other times they should sleep. */
export interface RunningSchedule extends Named {
  readonly kind: 'running';
  readonly windows: readonly Window[];
  /** Local dates, `2026-12-25`, on which no window opens. */
  readonly exceptions: readonly string[];
  readonly once: readonly OneOff[];
  /** `enforce`: always as the schedule says. `respect-manual`: what a person did holds until the next boundary. */
  readonly policy: 'enforce' | 'respect-manual';
  /** Of several schedules that apply to a resource the highest decides; equal ones are an error. Default 0. */
  readonly priority: number;
  readonly stopPolicy: StopPolicy;
}

/** Any operation, by cron: on each resource that `applies` names, or once with `input` as it is. */
export interface CronSchedule extends Named {
  readonly kind: 'cron';
  /** Five fields. */
  readonly cron: string;
  readonly operation: string;
  /** Where it is carried out when `applies` names no resources. Default `default`. */
  readonly target?: string;
  /** `{date}`, `{time}` and `{id}` in texts become the local date (20261121), time (0230) and the resource's identifier. */
  readonly input: JsonObject;
}

export type Schedule = RunningSchedule | CronSchedule;

/** What an hour costs, as the operator says; whatever isn't here is unknown, and never guessed. */
export interface Prices {
  readonly currency: string;
  /** By instance class, for one instance an hour. */
  readonly instances: Readonly<Record<string, number>>;
  /** For one memory-optimized Neptune Capacity Unit (1 GB of a graph) an hour. */
  readonly graphMemory?: number;
}

/** A whole file that was found right. */
export interface SchedulePlan {
  readonly schedules: readonly Schedule[];
  readonly prices?: Prices;
}

/** Something about a file: an `error` keeps the whole file from coming into force, a `warning` doesn't. */
export interface FileFinding {
  readonly level: 'error' | 'warning';
  readonly line: number;
  readonly column: number;
  /** Where in its structure: `schedules.office-hours.windows[0].to`. */
  readonly path: string;
  /** What is wrong, and what to do. */
  readonly message: string;
}
