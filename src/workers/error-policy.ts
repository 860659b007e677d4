// What a fault does to a job, by the fault's class and the operation's own table. Must never end a job for a fault that
// passes, nor call a change refused that may have happened.
import { type Fault, faultOf } from '../aws/faults.ts';
import type { Operation, Refusal } from '../operation.ts';
import type { JobRecord, Outcome, Trouble } from '../records/job.ts';
import { backoff } from './cadence.ts';
import type { Dependencies } from './visit-context.ts';

export interface ErrorDecision {
  /** The job fails with this. */
  readonly end?: Refusal & { readonly requestId?: string };
  readonly changed: Outcome['changed'];
  /** Otherwise: how long to wait, in milliseconds, and what to remember. */
  readonly wait: number;
  readonly trouble: Trouble;
  readonly effect: Fault['effect'];
  readonly throttled: boolean;
}

const bugBudget = 3;
const refusalBudget = 2;

interface Circumstances {
  /** Taken out of everything that is written down. */
  readonly secret?: string;
  readonly submitting?: true;
}

export function classify(
  error: unknown,
  operation: Operation<never>,
  job: JobRecord,
  deps: Pick<Dependencies, 'bounds' | 'random' | 'log' | 'onCredentials'>,
  { secret = '', submitting }: Circumstances = {},
): ErrorDecision {
  const fault = faultOf(error);
  const message = secret === '' ? fault.message : fault.message.replaceAll(secret, '[secret]');
  const trouble = remember(job.trouble, fault, message, submitting);
  const kind = fault.class === 'credentials' ? 'credentials' : 'fault';
  const own = operation.faults[fault.code];
  if (fault.class === 'credentials') deps.onCredentials?.(job.target, `${fault.code}: ${message}`);
  deps.log[fault.class === 'bug' ? 'error' : 'warn'](
    { fault: fault.class, code: fault.code, reason: message },
    'fault',
  );
  const end = ending(fault, own, message, trouble, submitting);
  return {
    ...(end === undefined
      ? {}
      : { end: { ...end, ...(fault.requestId === undefined ? {} : { requestId: fault.requestId }) } }),
    changed: fault.effect === 'none' ? false : 'unknown',
    wait: backoff(trouble.faults, kind, deps.bounds, deps.random),
    trouble,
    effect: fault.effect,
    throttled: fault.class === 'throttled',
  };
}

function ending(
  fault: Fault,
  own: Operation['faults'][string] | undefined,
  message: string,
  trouble: Trouble,
  submitting: true | undefined,
): Refusal | undefined {
  if (fault.refusal) return fault.refusal;
  if (typeof own === 'object') return own;
  if (own === 'wait') return undefined;
  if (own === 'look-again' && submitting) {
    const inTheWay = fault.class === 'state' || trouble.refusals < refusalBudget;
    return inTheWay ? undefined : { code: fault.code, reason: message };
  }
  if (fault.class === 'permanent') return { code: fault.code, reason: message };
  if (fault.class === 'bug' && trouble.bugs >= bugBudget) {
    return { code: 'internal-error', reason: `neptune-ops met an error of its own, ${bugBudget} times: ${message}` };
  }
  return undefined;
}

function remember(before: Trouble, fault: Fault, message: string, submitting: true | undefined): Trouble {
  return {
    ...before,
    // Throttling is the queue's trouble, not the job's.
    faults: before.faults + 1,
    bugs: before.bugs + (fault.class === 'bug' ? 1 : 0),
    refusals: before.refusals + (submitting && fault.class === 'permanent' ? 1 : 0),
    code: fault.code,
    message: message.slice(0, 1_000),
  };
}
