// A process for a test to kill: commits pairs into an embedded store and prints each that was answered.

import { openEmbeddedDatabase } from '../../src/records/embedded-database.ts';
import { openEmbeddedStore } from '../../src/records/embedded-store.ts';

const database = await openEmbeddedDatabase({ folder: process.argv[2] ?? '' });
const store = await openEmbeddedStore({ database });
const first = await store.count('x');
console.log('open');
for (let i = first / 2; ; i += 1) {
  const answer = await store.commit([
    { op: 'create', key: `a${i}`, value: i, indexes: { x: i } },
    { op: 'create', key: `b${i}`, value: i, indexes: { x: i } },
  ]);
  if (!answer.ok) throw new Error(`${i} was refused`);
  process.stdout.write(`${i}\n`);
}
