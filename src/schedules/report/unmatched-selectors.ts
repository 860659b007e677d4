// Finds selectors that match no resource, most often because a name or a tag is misspelt.
import { appliesTo } from '../governing-schedule.ts';
import type { Schedule, Selection } from '../schedule.ts';
import type { ManagedResource } from '../managed-resource.ts';

/** The selectors without a resource, each in a sentence. */
export function unmatchedSelectors(
  { applies }: Pick<Schedule, 'applies'>,
  managedResources: readonly ManagedResource[],
): string[] {
  const present = managedResources.filter(({ condition }) => condition !== 'gone');
  const isMet = (entry: readonly Selection[]) => present.some((each) => appliesTo({ applies: entry }, each));
  return entriesOf(applies).flatMap((entry) => (isMet(entry) ? [] : sentence(entry)));
}

/**
 * The selections that one entry of the file stands for: a tag alone covers both kinds, and `target: "*"` every target.
 */
function entriesOf(applies: readonly Selection[]): Selection[][] {
  const entries = new Map<string, Selection[]>();
  for (const selection of applies) {
    const { kind, pattern, tag, place } = selection;
    const key = JSON.stringify([place.line, place.column, pattern, tag, tag && pattern === '*' ? '' : kind]);
    entries.set(key, [...(entries.get(key) ?? []), selection]);
  }
  return [...entries.values()];
}

function sentence(entry: readonly Selection[]): string[] {
  const either = (words: readonly string[]) => [...new Set(words)].join(' or ');
  const what = either(entry.map(({ kind }) => (kind === 'graph' ? 'graph' : 'DB cluster')));
  const where = either(entry.map(({ target }) => target));
  return entry.slice(0, 1).map(({ pattern, tag }) => {
    const named = tag && pattern === '*' ? [] : [`is called ${pattern}`];
    const tagged = tag ? [`has the tag ${tag.key}=${tag.value}`] : [];
    return `no ${what} in ${where} ${[...named, ...tagged].join(' and ')}`;
  });
}
