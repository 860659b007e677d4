// Looks at a resource to tell what a job would do now. It changes nothing and stores nothing.
import { faultOf } from '../aws/faults.ts';
import type { Aws } from '../aws/clients.ts';
import { ServiceError } from '../errors.ts';
import { type Observation, type Operation, actionsOf } from '../operation.ts';
import type { DryRun } from '../queue/dry-run.ts';
import { type Turn, keyOf } from '../records/job.ts';
import type { Stored } from '../records/store.ts';
import type { Dependencies } from './visit-context.ts';

/** Its read isn't counted in the queue's budget, because people ask for dry runs, not machines. */
export function createDryRun(deps: Pick<Dependencies, 'store' | 'operationOf' | 'awsOf'>): DryRun {
  return async ({ operation: { name }, target, input }) => {
    const operation = deps.operationOf(name) as Operation<Aws>;
    const aws = deps.awsOf(target) as Aws;
    const resource = `${target}/${operation.resource(input)}`;
    const { at, records } = await deps.store.read([keyOf.turn(resource), keyOf.hold('all'), keyOf.hold(target)]);
    const [turn, ...onHold] = records as [Stored<Turn>?, Stored?, Stored?];
    const visit = { job: { id: 'dry-run', createdAt: at }, target, input, aws, now: at };
    const seen = await operation.prepare(visit).catch((error: unknown) => {
      const fault = faultOf(error);
      throw new ServiceError('aws-refused', `AWS could not be asked: ${fault.code}: ${fault.message}`);
    });
    const holder = operation.takesTurn ? turn?.value.job : undefined;
    const whyNot = reasonAgainst(
      seen,
      holder,
      onHold.some((hold) => hold !== undefined),
    );
    const actions = actionsOf(operation);
    const isChange = (action: string) => !/:(Describe|Get|List|ReadData)/.test(action);
    const changes = operation.kind === 'watch' ? [] : actions.filter(isChange);
    const wouldCall = whyNot === null ? changes : [];
    return {
      operation: name,
      target,
      resource,
      status: seen.status,
      verdict: seen.verdict,
      wouldCall,
      whyNot,
      actions,
    };
  };
}

function reasonAgainst(seen: Observation, holder: string | undefined, held: boolean): string | null {
  if (holder !== undefined) return `Job ${holder} is changing the resource.`;
  if (held) return 'A hold is on: no changing call starts.';
  if (seen.verdict === 'ready') return null;
  if (seen.verdict === 'obstacle') return `It would wait: ${seen.status} passes by itself.`;
  if (seen.verdict === 'pending') return `It is under way already: ${seen.status}.`;
  if (seen.verdict === 'succeeded') return `Nothing is to be done: it is ${seen.status} already.`;
  return seen.reason ?? `It would fail: ${seen.status}.`;
}
