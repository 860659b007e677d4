// What a dry run tells: the words for it, so that the door can ask without knowing AWS or workers.
import type { Checked } from './request.ts';

export interface DryRunAnswer {
  readonly operation: string;
  readonly target: string;
  readonly resource: string;
  /** AWS's word for the state now, and what it means to the operation. */
  readonly status: string;
  readonly verdict: string;
  /** The changing calls that a job would make now, as IAM actions; none when nothing would be asked of AWS. */
  readonly wouldCall: readonly string[];
  /** Why nothing would be asked of AWS now. */
  readonly whyNot: string | null;
  /** Every IAM action that the operation takes. */
  readonly actions: readonly string[];
}

export type DryRun = (checked: Checked) => Promise<DryRunAnswer>;
