// The table of metrics, and the words that may stand in labels.
import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Definition, type MetricName, definitions } from '../../src/metrics/definitions.ts';
import { Metrics } from '../../src/metrics/registry.ts';
import { labelValues } from '../../src/metrics/labels.ts';
import { samplesOf, valueOf } from './scrape.ts';

const known = {
  operations: ['stop-db-cluster', 'fast-reset'],
  targets: ['default', 'prod'],
  queues: ['default.neptune', 'prod.neptune'],
  store: 'redis',
} as const;

describe('the table of metrics', () => {
  const all = Object.entries(definitions) as [MetricName, Definition][];

  it('keeps to Prometheus’ names and base units', () => {
    for (const [name, { type, help, buckets }] of all) {
      expect(name).toMatch(/^neptune_ops_[a-z_]+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      if (type === 'histogram') expect(buckets, name).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
      if (/duration|age|lateness|wait_|blind/.test(name)) expect(name.replace('_total', '')).toMatch(/_seconds$/);
      expect(help, name).toMatch(/\.$/);
    }
  });

  it('is documented, each with its meaning', () => {
    const text = readFileSync('docs/metrics.md', 'utf8');
    for (const [name] of all) expect(text).toContain(`| \`${name}\` `);
  });

  it('is all that the rest knows of it: only src/metrics imports prom-client', () => {
    const files = (readdirSync('src', { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));
    const importers = files.filter((file) => readFileSync(`src/${file}`, 'utf8').includes("from 'prom-client'"));
    expect(importers).toEqual(['metrics/registry.ts']);
  });
});

describe('labels', () => {
  it('take their words, and show anything else as other', async () => {
    const metrics = new Metrics(known);
    metrics.add('neptune_ops_jobs_accepted_total', { operation: 'fast-reset' });
    metrics.add('neptune_ops_jobs_accepted_total', { operation: 'dev-1' });
    metrics.add('neptune_ops_jobs_accepted_total', { operation: 'dev-2' });
    const text = await metrics.text();
    expect(valueOf(text, 'neptune_ops_jobs_accepted_total', { operation: 'fast-reset' })).toBe(1);
    expect(valueOf(text, 'neptune_ops_jobs_accepted_total', { operation: 'other' })).toBe(2);
    expect(text).not.toContain('dev-');
  });

  it('never take an identifier, whatever it looks like and wherever it is put', async () => {
    // What may look like anything is the SDK's name of a call, a declared route, a status and the version.
    const open = Object.entries(labelValues).flatMap(([word, given]) =>
      (given as unknown) instanceof RegExp ? [word] : [],
    );
    expect(open.toSorted()).toEqual(['action', 'route', 'status', 'version']);
    const counters = (Object.entries(definitions) as [Parameters<Metrics['add']>[0], Definition][]).filter(
      ([, { type, labels }]) => type === 'counter' && !Object.values(labels).some((word) => open.includes(word)),
    );
    const identifier = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.stringMatching(/^(db-|g-|t-|default\/db-cluster\/)[a-z0-9-]{4,30}$/),
      fc.uuid(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(identifier, { minLength: 20, maxLength: 60 }), async (identifiers) => {
        const metrics = new Metrics(known);
        for (const id of identifiers) {
          for (const [name, { labels }] of counters) {
            metrics.add(name, Object.fromEntries(Object.keys(labels).map((label) => [label, id])) as never);
          }
        }
        for (const { labels } of samplesOf(await metrics.text())) {
          for (const word of Object.values(labels)) expect(word === 'other' || /^[\d.]+$|Inf/.test(word)).toBe(true);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('of a counter that can be listed are all there from the start, at 0', async () => {
    const metrics = new Metrics(known);
    metrics.zero('neptune_ops_jobs_ended_total', 'neptune_ops_event_deliveries_total', 'neptune_ops_sweeps_total');
    const samples = samplesOf(await metrics.text()).filter(({ name }) => name.endsWith('_total'));
    expect(samples).toHaveLength(2 * 4 + 3 + 1);
    expect(samples.every(({ value }) => value === 0)).toBe(true);
  });
});

describe('two services in one process', () => {
  it('have figures of their own', async () => {
    const [one, two] = [new Metrics(known), new Metrics(known)];
    one.add('neptune_ops_sweeps_total', {});
    expect(valueOf(await one.text(), 'neptune_ops_sweeps_total')).toBe(1);
    expect(valueOf(await two.text(), 'neptune_ops_sweeps_total')).toBe(0);
  });
});
