// The types of a dry run's answer, in a file of their own: the API uses them without importing AWS or workers.
import type { Checked } from './request.ts';

export interface DryRunAnswer {
  readonly operation: string;
  readonly target: string;
  readonly resource: string;
  /** The status that AWS reports now. */
  readonly status: string;
  readonly verdict: string;
  /** The changing calls that a job would make now, as IAM actions. Empty when it would make none. */
  readonly wouldCall: readonly string[];
  /** Why a job would make no changing call now. */
  readonly whyNot: string | null;
  /** Every IAM action that the operation needs. */
  readonly actions: readonly string[];
}

export type DryRun = (checked: Checked) => Promise<DryRunAnswer>;
