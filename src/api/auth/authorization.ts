// Decides what a caller may do, by the scopes, targets and resources of its key. A caller that wasn't authenticated may
// do nothing.
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../errors.ts';
import type { Operation } from '../../operation.ts';
import type { JobRecord } from '../../records/job.ts';
import { fitsAny } from '../../name-pattern.ts';
import type { ApiKey } from './api-keys.ts';

/** The authenticated sender of a request. */
export type Caller = {
  /** Used in the audit log, and to separate the idempotency keys of different callers. */
  readonly id: string;
  readonly name: string;
} & (
  | { readonly kind: 'open' }
  | { readonly kind: 'stranger' }
  /** `session`: a browser, known by its cookie. */
  | { readonly kind: 'key'; readonly key: ApiKey; readonly session?: true }
);

/** The caller where no keys are configured: it may do anything. */
export const anybody: Caller = { kind: 'open', id: 'loopback', name: 'anybody on loopback' };
/** A caller without a valid key where keys are configured: it may do nothing. */
export const nobody: Caller = { kind: 'stranger', id: 'nobody', name: 'nobody' };

export function holderOf(key: ApiKey, session?: true): Caller {
  return { kind: 'key', id: key.id, name: key.name, key, ...(session ? { session } : {}) };
}

/** The caller, as the record of a job says who asked for it. */
export function askerOf(caller: Caller): string {
  if (caller.kind !== 'key') return caller.id;
  return `${caller.session ? 'session' : 'key'}:${caller.id}`;
}

/** A request, or a caller by itself. */
type Asking = Pick<FastifyRequest, 'caller'>;

/** Whether the rule allows the caller's key. A request that wasn't authenticated may do nothing. */
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

/** Throws `forbidden` unless the caller may run the operation. `operation:*` never includes destructive operations. */
export function demandOperation(asking: Asking, { name, destructive }: Pick<Operation, 'name' | 'destructive'>): void {
  const scope = `operation:${name}`;
  if (hasScope(asking, scope) || (destructive !== 'erases' && hasScope(asking, 'operation:*'))) return;
  throw new ServiceError('forbidden', `This key may not run ${name}: it takes the scope ${scope}.`);
}

/** Throws `forbidden` unless the caller's key covers the resource (named with its target). */
export function demandReach(asking: Asking, target: string, resource: string): void {
  if (seesJob(asking, { target, resource })) return;
  throw new ServiceError('forbidden', `This key does not reach ${resource}.`);
}

/** Throws `forbidden` unless the caller's key covers every resource of the target. */
export function demandTarget(asking: Asking, target: string): void {
  if (may(asking, ({ targets, resources }) => fitsAny(targets, target) && resources.includes('*'))) return;
  throw new ServiceError('forbidden', `This key does not reach all of ${target}.`);
}

/** Throws `forbidden` unless the caller's key covers every target and resource. */
export function demandAll(asking: Asking): void {
  if (reachesAll(asking)) return;
  throw new ServiceError('forbidden', 'This key does not reach all targets.');
}

export function reachesAll(asking: Asking): boolean {
  return may(asking, ({ targets, resources }) => targets.includes('*') && resources.includes('*'));
}

/** Whether the caller may see this job. */
export function seesJob(asking: Asking, { target, resource }: Pick<JobRecord, 'target' | 'resource'>): boolean {
  const local = resource.startsWith(`${target}/`) ? resource.slice(target.length + 1) : resource;
  return may(asking, ({ targets, resources }) => fitsAny(targets, target) && fitsAny(resources, local));
}

/** Whether the caller may see facts about a whole target: its key covers a resource there. */
export function seesTarget(asking: Asking, target: string): boolean {
  return may(asking, ({ targets }) => fitsAny(targets, target));
}
