// The alert rules by Prometheus' own tests, and the runbook that goes with them.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../src/cli/program.ts';
import { definitions } from '../../src/metrics/definitions.ts';
import { queries } from '../../monitoring/panels.ts';
import { hasProgram } from './programs.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const text = readFileSync('monitoring/alerts.yaml', 'utf8');
const rules = (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
const runbook = readFileSync('docs/runbook.md', 'utf8');
const chapters = runbook.split(/^## /m).slice(1);

/** The metrics of ours that an expression names, without a histogram's endings. */
function named(expr: string): string[] {
  return [...expr.matchAll(/\bneptune_ops_\w+/g)].map(([name]) =>
    name in definitions ? name : name.replace(/_(bucket|sum|count)$/, ''),
  );
}

describe('the alerts', () => {
  const promtool = hasProgram('promtool') ? it : it.skip;

  promtool('are right by promtool, and fire when they should and no sooner (skipped without promtool)', () => {
    for (const order of [
      ['check', 'rules', 'monitoring/alerts.yaml'],
      ['check', 'config', 'monitoring/prometheus.yaml'],
      ['test', 'rules', 'monitoring/alerts.test.yaml'],
    ]) {
      const { status, stdout, stderr } = spawnSync('promtool', order, { encoding: 'utf8' });
      expect(status, stdout + stderr).toBe(0);
    }
  });

  it('each have a test of their own that sees them fire', () => {
    interface Test {
      readonly name: string;
      readonly promql_expr_test?: readonly { readonly exp_samples: readonly { readonly labels: string }[] }[];
    }
    const { tests } = parse(readFileSync('monitoring/alerts.test.yaml', 'utf8')) as { tests: Test[] };
    for (const { alert } of rules) {
      const own = tests.find(({ name }) => name === alert)?.promql_expr_test ?? [];
      expect(own.map(({ exp_samples }) => exp_samples.map(({ labels }) => labels))).toEqual([
        [],
        [`{alertname="${alert}"}`],
      ]);
    }
  });

  it('each have an entry in the runbook, and the runbook has no other', () => {
    expect(chapters.map((chapter) => chapter.split('\n')[0])).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations, labels } of rules) {
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
      expect(['critical', 'warning', 'info']).toContain(labels.severity);
    }
    for (const chapter of chapters)
      for (const part of ['**Means:**', '**Look:**', '**Do:**']) expect(chapter).toContain(part);
    const anchors = [...runbook.matchAll(/\]\(#([a-z]+)\)/g)].map(([, anchor]) => anchor);
    for (const anchor of anchors) expect(rules.map(({ alert }) => alert.toLowerCase())).toContain(anchor);
  });

  it('and the dashboard ask for metrics that there are, and every metric of the store is asked for', () => {
    const asked = [...rules.map(({ expr }) => expr), ...queries.map(({ expr }) => expr)].flatMap(named);
    for (const name of asked) expect(Object.keys(definitions)).toContain(name);
    for (const name of Object.keys(definitions))
      expect(asked, `${name} is in no alert and on no panel`).toContain(name);
  });
});

describe('the runbook', () => {
  it('names commands that there are', async () => {
    const { commands } = await createProgram();
    const named = [...runbook.matchAll(/neptune-ops ([a-z][a-z-]+)(?: ([a-z-]+))?/g)];
    expect(named.length).toBeGreaterThan(15);
    for (const [line, first, second] of named) {
      const command = commands.find((each) => each.name() === first);
      expect(command, line).toBeDefined();
      const below = command?.commands.map((each) => each.name()) ?? [];
      if (below.length > 0) expect(below, line).toContain(second);
    }
  });
});
