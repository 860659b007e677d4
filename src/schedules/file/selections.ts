// Turns `applies` into selections, one for each pattern and target.
import { type Context, type KnownTargets, type Findings, nearest } from './findings.ts';
import type { AppliesEntry } from './entry-schema.ts';
import { type Selection, type ResourceKind, resourceKinds } from '../schedule.ts';
import type { Path } from './yaml-positions.ts';

const keys = { 'db-cluster': 'clusters', graph: 'graphs' } as const;

/** The selections of the `applies` at `path`. `kinds` are the resource kinds allowed there. */
export function selectionsOf(
  entries: readonly AppliesEntry[],
  path: Path,
  { findings, targets }: Context,
  kinds: readonly ResourceKind[] = resourceKinds,
): Selection[] {
  return entries.flatMap((entry, index) => {
    const here = [...path, index];
    if (entry.clusters === undefined && entry.graphs === undefined && entry.tag === undefined) {
      findings.error(
        here,
        'This entry names no resources. Give it clusters, graphs or a tag. Example: { clusters: [dev-1] }',
      );
      return [];
    }
    for (const kind of resourceKinds) {
      if (entry[keys[kind]] === undefined || kinds.includes(kind)) continue;
      const right = kinds.map((kind) => keys[kind]).join(' and ');
      findings.errorAtKey([...here, keys[kind]], `The operation acts on ${right} only. Take ${keys[kind]} out.`);
    }
    const tag = entry.tag === undefined ? undefined : tagOf(entry.tag);
    const onlyTag = entry.clusters === undefined && entry.graphs === undefined;
    return targetsOf(entry.target, here, findings, targets).flatMap((target) =>
      kinds.flatMap((kind) => {
        const patterns = entry[keys[kind]] ?? (onlyTag ? ['*'] : []);
        return patterns.map((pattern, at): Selection => {
          const place = findings.yaml.placeOf(onlyTag ? [...here, 'tag'] : [...here, keys[kind], at]);
          return { target, kind, pattern: pattern.toLowerCase(), place, ...(tag ? { tag } : {}) };
        });
      }),
    );
  });
}

/** The targets of a name or of `*`. When the target doesn't exist: none, and a finding. */
function targetsOf(name = 'default', here: Path, findings: Findings, targets: KnownTargets): string[] {
  const names = targets.targets.map(({ name }) => name);
  if (name === '*') return names;
  if (!names.includes(name) && !findings.isFull) findings.error([...here, 'target'], whyNotTarget(name, names));
  return [name];
}

export function whyNotTarget(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  return `There is no target “${name}”. ${meant ? `Did you mean “${meant}”? ` : ''}There are: ${names.join(', ')}; more are added in NEPTUNE_OPS_TARGETS.`;
}

function tagOf(text: string): { key: string; value: string } {
  const at = text.indexOf('=');
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}
