// What a caller may do: what the scopes, targets and resources of their key say. Must never let anybody do anything who has
// neither a key nor been found to reach a service without keys.
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../errors.ts';
import type { Operation } from '../../operation.ts';
import type { JobRecord } from '../../records/job.ts';
import { fitsAny } from '../../name-pattern.ts';
import type { ApiKey } from './api-keys.ts';

/** Somebody who asks. */
export type Caller = {
  /** For the audit log, and to keep different callers' idempotency keys apart. */
  readonly id: string;
  readonly name: string;
} & (
  | { readonly kind: 'open' }
  | { readonly kind: 'stranger' }
  /** `session`: it is a browser, known by its cookie. */
  | { readonly kind: 'key'; readonly key: ApiKey; readonly session?: true }
);

/** Where no keys are configured: may do anything. */
export const anybody: Caller = { kind: 'open', id: 'loopback', name: 'anybody on loopback' };
/** Where there are keys: somebody who has shown none, and may do nothing. */
export const nobody: Caller = { kind: 'stranger', id: 'nobody', name: 'nobody' };

export function holderOf(key: ApiKey, session?: true): Caller {
  return { kind: 'key', id: key.id, name: key.name, key, ...(session ? { session } : {}) };
}

/** The caller, as the record of a job says who asked for it. */
export function askerOf(caller: Caller): string {
  if (caller.kind !== 'key') return caller.id;
  return `${caller.session ? 'session' : 'key'}:${caller.id}`;
}

/** A request, or whoever asks by themselves. */
type Asking = Pick<FastifyRequest, 'caller'>;

/** Whether the caller may do what the rule wants of a key. A request whose caller nobody has looked at may do nothing. */
export function may({ caller }: { readonly caller?: Caller }, rule: (key: ApiKey) => boolean): boolean {
  return caller?.kind === 'open' || (caller?.kind === 'key' && rule(caller.key));
}

export function hasScope(asking: Asking, scope: string): boolean {
  return may(asking, ({ scopes }) => scopes.includes(scope));
}

/** Throws `forbidden` unless the caller has the scope. */
export function demandScope(asking: Asking, scope: string): void {
  if (hasScope(asking, scope)) return;
  throw new ServiceError('forbidden', `This key may not do that: it takes the scope ${scope}.`);
}

/** Throws `forbidden` unless the caller may run the operation. What erases is never implied by `operation:*`. */
export function demandOperation(asking: Asking, { name, destructive }: Pick<Operation, 'name' | 'destructive'>): void {
  const scope = `operation:${name}`;
  if (hasScope(asking, scope) || (destructive !== 'erases' && hasScope(asking, 'operation:*'))) return;
  throw new ServiceError('forbidden', `This key may not run ${name}: it takes the scope ${scope}.`);
}

/** Throws `forbidden` unless the caller's key reaches the resource (named with its target). */
export function demandReach(asking: Asking, target: string, resource: string): void {
  if (seesJob(asking, { target, resource })) return;
  throw new ServiceError('forbidden', `This key does not reach ${resource}.`);
}

/** Throws `forbidden` unless the caller's key reaches every resource of the target. */
export function demandTarget(asking: Asking, target: string): void {
  if (may(asking, ({ targets, resources }) => fitsAny(targets, target) && resources.includes('*'))) return;
  throw new ServiceError('forbidden', `This key does not reach all of ${target}.`);
}

/** Throws `forbidden` unless the caller's key reaches every target and resource there is. */
export function demandAll(asking: Asking): void {
  if (reachesAll(asking)) return;
  throw new ServiceError('forbidden', 'This key does not reach all targets.');
}

export function reachesAll(asking: Asking): boolean {
  return may(asking, ({ targets, resources }) => targets.includes('*') && resources.includes('*'));
}

/** Whether the caller may know of this job at all. */
export function seesJob(asking: Asking, { target, resource }: Pick<JobRecord, 'target' | 'resource'>): boolean {
  const local = resource.startsWith(`${target}/`) ? resource.slice(target.length + 1) : resource;
  return may(asking, ({ targets, resources }) => fitsAny(targets, target) && fitsAny(resources, local));
}

/** Whether the caller may know what holds for a whole target: some resource of it is theirs. */
export function seesTarget(asking: Asking, target: string): boolean {
  return may(asking, ({ targets }) => fitsAny(targets, target));
}
