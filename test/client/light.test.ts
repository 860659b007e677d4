import { expect, it } from 'vitest';
import { loadedBy } from '../support/loaded-by.ts';

it('the package is imported without the service: no AWS SDK, no queue, no schema library', () => {
  const root = new URL('../../src/', import.meta.url);
  const loaded = [...loadedBy(new URL('index.ts', root))].map((name) => name.replace(root.pathname, ''));
  expect(loaded).toContain('client/http-client.ts');
  expect(loaded.filter((name) => !/^(index\.ts|client\/.*|node:.*)$/.test(name))).toEqual([]);
});
