import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parts, update } from '../docs/generate.ts';
import { operationNames } from '../src/handlers/index.ts';

describe('the documents', () => {
  it.each(Object.entries(parts()))('%s has the generated parts as the code makes them now', async (file, generated) => {
    const text = readFileSync(file, 'utf8');
    const options = { ...(await resolveConfig(file)), filepath: file };
    expect(await format(update(text, generated), options)).toBe(text);
  });

  it('name every operation in the README and its IAM policy in docs/iam.md', () => {
    const [readme, iam] = [readFileSync('README.md', 'utf8'), readFileSync('docs/iam.md', 'utf8')];
    for (const name of operationNames) {
      expect(readme).toContain(`| \`${name}\``);
      expect(iam).toContain(`## ${name}`);
    }
  });

  it('link only to files that exist', () => {
    for (const file of ['README.md', 'docs/architecture.md', 'docs/decisions/README.md', 'docs/errors.md']) {
      const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!http)([^)#]+)\)/g)].map(
        ([, target]) => target ?? '',
      );
      for (const link of links)
        expect(() => readFileSync(join(dirname(file), link)), `${file} links to ${link}`).not.toThrow();
    }
  });

  it('refuse a document that lost a marker', () => {
    expect(() => update('no markers here', { operations: 'x' })).toThrow('<!-- operations -->');
  });
});
