// All that one visit has at hand.
import type { Logger } from 'pino';
import type { Aws } from '../aws/clients.ts';
import type { Operation, Policy, Visit } from '../operation.ts';
import type { JobRecord } from '../records/job.ts';
import type { Store } from '../records/store.ts';
import type { Bounds, Random } from './cadence.ts';
import type { JobLock } from './gate.ts';
import type { JobFile } from './job-file.ts';

/** What the lifecycle uses of everything else. */
export interface Dependencies {
  readonly store: Store;
  readonly operationOf: (name: string) => Operation<Aws> | undefined;
  readonly awsOf: (target: string) => Aws | undefined;
  readonly policyOf: (target: string) => Policy;
  readonly bounds: Bounds;
  /** Whether completion events are sent at all. */
  readonly events: boolean;
  /** Of a visit: with the job's id, operation and resource on every line. */
  readonly log: Logger;
  readonly random: Random;
  /** Milliseconds of this process; tests that turn the clock stop it. Default: `performance.now`. */
  readonly stopwatch?: () => number;
  /** Called with every fault that means wrong credentials, for the readiness of the service. */
  readonly onCredentials?: (target: string, message: string) => void;
  /** Called at the beginning of every visit: the record as it was read, and the store's time in milliseconds. */
  readonly onVisit?: (job: JobRecord, now: number) => void;
  /** Called at every look at which AWS said what no state table knows. */
  readonly onUnknownStatus?: (job: JobRecord) => void;
}

/** A job in a worker's hands, whatever is known of its operation and target. */
export interface JobContext {
  readonly deps: Dependencies;
  readonly file: JobFile;
  readonly lock: JobLock;
  readonly operation?: Operation<Aws>;
}

/** One visit: the job, the lock, the operation and what it is given. */
export interface VisitContext extends JobContext {
  readonly operation: Operation<Aws>;
  readonly visit: Visit<JobRecord['input'], Aws>;
}
