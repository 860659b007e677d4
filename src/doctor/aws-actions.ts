// The IAM actions that the service needs, and what for: from the operations' declarations and from the schedules'
// reads.
import { inventoryPermissions } from '../aws/inventory.ts';
import { activityPermissions } from '../aws/activity.ts';
import { operations } from '../handlers/index.ts';
import { type Operation, actionsOf } from '../operation.ts';

const all = (Object.values(operations) as unknown as Operation[]).map((operation) => ({
  name: operation.name,
  actions: actionsOf(operation),
}));
const schedules = {
  name: 'schedules',
  actions: actionsOf({ permissions: { ...inventoryPermissions, ...activityPermissions } }),
};

const needs = (hasSchedules: boolean) => (hasSchedules ? [...all, schedules] : all);

/** What needs the action, in words; empty when nothing does. */
export function neededBy(action: string, hasSchedules: boolean): string {
  const names = needs(hasSchedules)
    .filter(({ actions }) => actions.includes(action))
    .map(({ name }) => name);
  return names.length > 3 ? `${names.slice(0, 2).join(', ')} and others` : names.join(', ');
}

/** The needed actions that weren't tried, and why not. */
export function untried(tried: ReadonlySet<string>, hasSchedules: boolean): [actions: string[], why: string][] {
  const missing = new Set(needs(hasSchedules).flatMap(({ actions }) => actions));
  const actions = [...missing].filter((each) => !tried.has(each));
  const isData = (action: string) => action.startsWith('neptune-db:');
  const isRead = (action: string) => /:(Get|List|Describe)/.test(action);
  const parts: [string[], string][] = [
    [actions.filter((each) => !isData(each) && !isRead(each)), 'not tried, it would change something: docs/iam.md'],
    [actions.filter(isData), 'not tried, they belong to a cluster’s data: docs/iam.md'],
  ];
  return parts.filter(([names]) => names.length > 0);
}
