// What a fault of AWS means for a job: whether it ends, by the fault's class and the operation's own table. Pure. Must never
// end a job for a fault that passes.
import type { Fault } from '../aws/faults.ts';
import type { FaultMeaning, Refusal } from '../operation.ts';
import type { Trouble } from '../records/job.ts';

/** Errors of our own that a job may meet before it fails. */
const bugBudget = 3;
/** Refusals of the change, in a state that should allow it, before the job fails. */
const refusalBudget = 2;
/** The longest that is remembered of AWS's message, in letters. */
const longestMessage = 1_000;

/** The job's trouble with this fault counted in. `submitting`: it was the changing call. */
export function remember(before: Trouble, { class: kind, code, message }: Fault, submitting: boolean): Trouble {
  return {
    ...before,
    faults: before.faults + 1,
    bugs: before.bugs + (kind === 'bug' ? 1 : 0),
    refusals: before.refusals + (submitting && kind === 'permanent' ? 1 : 0),
    code,
    message: message.slice(0, longestMessage),
  };
}

/** With what the job fails, or nothing where it goes on later. `trouble` has the fault counted in. */
export function refusalOf(
  fault: Fault,
  own: FaultMeaning | undefined,
  trouble: Trouble,
  submitting: boolean,
): Refusal | undefined {
  if (fault.refusal) return fault.refusal;
  if (typeof own === 'object') return own;
  if (own === 'wait') return undefined;
  const asAwsSays = { code: fault.code, reason: fault.message };
  if (own === 'look-again' && submitting) {
    return fault.class === 'state' || trouble.refusals < refusalBudget ? undefined : asAwsSays;
  }
  if (fault.class === 'permanent') return asAwsSays;
  if (fault.class === 'bug' && trouble.bugs >= bugBudget) {
    const reason = `neptune-ops met an error of its own, ${bugBudget} times: ${fault.message}`;
    return { code: 'internal-error', reason };
  }
  return undefined;
}
