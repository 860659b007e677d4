// Finds schedules of equal priority that certainly apply to the same resources. Where the resources decide whether two
// schedules meet, the reconciler finds it.
import { compilePattern } from '../../name-pattern.ts';
import type { FileFinding, RunningSchedule, Selection } from '../schedule.ts';

interface Claim {
  readonly schedule: RunningSchedule;
  readonly selection: Selection;
  readonly path: string;
  /** Whether the pattern includes all that another one means: the other, read as a text, fits it. */
  readonly covers: (pattern: string) => boolean;
}

/** One finding for each two schedules that contradict each other, at the later one. */
export function conflictsOf(schedules: readonly RunningSchedule[]): FileFinding[] {
  const groups = new Map<string, Claim[]>();
  for (const schedule of schedules) {
    for (const selection of schedule.applies) {
      const key = `${selection.target}/${selection.kind}/${schedule.priority}`;
      const path = `schedules.${schedule.name}.applies`;
      const claim: Claim = { schedule, selection, path, covers: compilePattern(selection.pattern) };
      const group = groups.get(key);
      if (group) group.push(claim);
      else groups.set(key, [claim]);
    }
  }
  const found = new Map<string, FileFinding>();
  for (const group of groups.values()) {
    // Full names conflict only when they are equal, so they are looked up. Patterns are compared with everything.
    const exact = new Map<string, Claim[]>();
    const patterns: Claim[] = [];
    for (const claim of group) {
      const { pattern } = claim.selection;
      const others = pattern.includes('*')
        ? group.slice(0, group.indexOf(claim))
        : [...(exact.get(pattern) ?? []), ...patterns];
      for (const other of others) {
        if (other.schedule === claim.schedule || !meet(other, claim)) continue;
        const pair = `${other.schedule.name} ${claim.schedule.name}`;
        if (!found.has(pair)) found.set(pair, clash(other, claim));
      }
      if (pattern.includes('*')) patterns.push(claim);
      else exact.set(pattern, [...(exact.get(pattern) ?? []), claim]);
    }
  }
  return [...found.values()];
}

/** Whether each resource of one selection is also one of the other's. */
function meet(a: Claim, b: Claim): boolean {
  const [ab, ba] = [a.covers(b.selection.pattern), b.covers(a.selection.pattern)];
  const [tagA, tagB] = [a.selection.tag, b.selection.tag];
  if (tagA && tagB) return tagA.key === tagB.key && tagA.value === tagB.value && (ab || ba);
  // The resources with a tag are among all resources, but not the other way round.
  if (tagA) return ba;
  if (tagB) return ab;
  return ab || ba;
}

function clash(first: Claim, second: Claim): FileFinding {
  const { selection, path } = second;
  const words = { 'db-cluster': 'clusters', graph: 'graphs' } as const;
  const tag = selection.tag ? ` with the tag ${selection.tag.key}=${selection.tag.value}` : '';
  const what = selection.pattern === '*' ? `${words[selection.kind]}${tag}` : `“${selection.pattern}”${tag}`;
  const other = `“${first.schedule.name}” (line ${first.selection.place.line})`;
  const message =
    `${what} in target ${selection.target} is meant by ${other} as well, with the same priority ${first.schedule.priority}. ` +
    `Take it out of one of them, or say which decides: priority: ${first.schedule.priority + 10}`;
  return { level: 'error', ...selection.place, path, message };
}
