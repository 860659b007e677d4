// The types of a validated schedules file: when resources should be running, which resources, and how they are stopped.
import type { JsonObject } from '../operation.ts';

/** The kinds of resource that can be stopped, as in a resource's name: `default/db-cluster/dev-1`. */
export const resourceKinds = ['db-cluster', 'graph'] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/** A place in the file; both count from 1. */
export interface FilePosition {
  readonly line: number;
  readonly column: number;
}

/**
 * Resources by identifier or name pattern (`*` stands for any letters), and by tag if one is given. Both must match.
 */
export interface Selection {
  readonly target: string;
  readonly kind: ResourceKind;
  /** Lower case. `*` alone matches every resource of this kind. A graph matches by its id or its name. */
  readonly pattern: string;
  readonly tag?: { readonly key: string; readonly value: string };
  readonly place: FilePosition;
}

/** A time range on each of these days in which resources run. Minutes after midnight on the wall clock, 0 to 1440. */
export interface Window {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly place: FilePosition;
}

/** A single time range that overrides windows and exceptions; wall-clock times as `2026-12-12T08:00`. */
export interface OneOff {
  readonly from: string;
  readonly to: string;
  readonly running: boolean;
  readonly place: FilePosition;
}

/** How a resource is stopped. */
export interface StopPolicy {
  /**
   * When it is in use, the stop is postponed by at most `postpone` milliseconds. Afterwards it is stopped, or left
   * until the next boundary.
   */
  readonly postpone: number;
  readonly afterwards: 'stop' | 'leave';
  /** What to do when its use can't be read. */
  readonly unknown: 'stop' | 'leave';
  /** Take a snapshot first. Without the snapshot nothing is stopped. */
  readonly snapshot: boolean;
}

interface Named {
  readonly name: string;
  readonly description?: string;
  readonly timeZone: string;
  readonly applies: readonly Selection[];
  readonly place: FilePosition;
}

/** Says when resources should be running. At all other times they should be stopped. */
export interface RunningSchedule extends Named {
  readonly kind: 'running';
  readonly windows: readonly Window[];
  /** Local dates, `2026-12-25`, on which no window opens. */
  readonly exceptions: readonly string[];
  readonly once: readonly OneOff[];
  /** `enforce`: always follow the schedule. `respect-manual`: a manual change holds until the next boundary. */
  readonly policy: 'enforce' | 'respect-manual';
  /**
   * Of the schedules that apply to a resource, the one with the highest priority decides. Equal priorities are an
   * error. Default 0.
   */
  readonly priority: number;
  readonly stopPolicy: StopPolicy;
}

/** Runs an operation by cron: on each resource that `applies` selects, or once with `input` as it is. */
export interface CronSchedule extends Named {
  readonly kind: 'cron';
  /** Five fields. */
  readonly cron: string;
  readonly operation: string;
  /** Where it runs when `applies` selects no resources. Default `default`. */
  readonly target?: string;
  /**
   * In texts, `{date}`, `{time}` and `{id}` become the local date (20261121), time (0230) and the resource's
   * identifier.
   */
  readonly input: JsonObject;
}

export type Schedule = RunningSchedule | CronSchedule;

/** Prices per hour, from the operator. A price that is missing is unknown and never guessed. */
export interface Prices {
  readonly currency: string;
  /** By instance class, for one instance an hour. */
  readonly instances: Readonly<Record<string, number>>;
  /** For one memory-optimized Neptune Capacity Unit (1 GB of a graph) an hour. */
  readonly graphMemory?: number;
}

/** A valid file. */
export interface SchedulePlan {
  readonly schedules: readonly Schedule[];
  readonly prices?: Prices;
}

/** A finding about a file. An `error` keeps the whole file from coming into force; a `warning` doesn't. */
export interface FileFinding {
  readonly level: 'error' | 'warning';
  readonly line: number;
  readonly column: number;
  /** The path in the file: `schedules.office-hours.windows[0].to`. */
  readonly path: string;
  /** What is wrong, and what to do. */
  readonly message: string;
}
