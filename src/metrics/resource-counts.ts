// Counts resources by actual and desired state, with the overview that the page uses. It reads every resource, so it
// runs at most once a minute.
import type { Store } from '../records/store.ts';
import { readOverview } from '../schedules/report/overview.ts';
import { isStuck } from '../schedules/reconcile/long-waits.ts';
import type { SchedulePlan } from '../schedules/schedule.ts';
import type { ManagedResource } from '../schedules/managed-resource.ts';
import { type Figure, figure } from './figures.ts';

/** Rejects when the store can't be reached. */
export async function readResources(store: Store, plan: SchedulePlan): Promise<Figure[]> {
  const managedResources: ManagedResource[] = [];
  const { at, resources } = await readOverview(store, plan, (managed) => managedResources.push(managed) > 0);
  return [
    ...counted('neptune_ops_schedule_resources', resources, ({ target, kind, condition, should }) => {
      return { target, kind, condition, should };
    }),
    ...countedByKind(
      'neptune_ops_schedule_stops_postponed',
      managedResources,
      ({ postponed }) => postponed !== undefined,
    ),
    // A count of 0 is a person's cancellation, not a failure.
    ...countedByKind('neptune_ops_schedule_setbacks', managedResources, ({ setback }) => (setback?.count ?? 0) > 0),
    ...countedByKind('neptune_ops_schedule_stuck', managedResources, (managed) => isStuck(managed, at)),
  ];
}

type Labels = Readonly<Record<string, string>>;

function counted<Item>(name: Figure['name'], items: readonly Item[], labelsOf: (item: Item) => Labels): Figure[] {
  const found = new Map<string, { labels: Labels; value: number }>();
  for (const item of items) {
    const labels = labelsOf(item);
    const key = Object.values(labels).join('/');
    const series = found.get(key) ?? { labels, value: 0 };
    series.value += 1;
    found.set(key, series);
  }
  return [...found.values()].map(({ labels, value }) => figure(name, labels as never, value));
}

/** Counts of each kind, zeros included. */
function countedByKind(
  name: Figure['name'],
  managedResources: readonly ManagedResource[],
  holds: (managed: ManagedResource) => boolean,
) {
  const kinds = counted(name, managedResources, ({ target, kind }) => ({ target, kind }));
  return kinds.map((each) => {
    const { target, kind } = each.labels;
    const value = managedResources.filter(
      (managed) => managed.target === target && managed.kind === kind && holds(managed),
    );
    return { ...each, value: value.length };
  });
}
