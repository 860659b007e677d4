// Runs lifecycle tests: one driver and one emulator per suite, and new names for each test. They use only the store in
// memory, because other tests cover the stores, and a crash at every step on each of them.
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import type { ClusterOptions } from '../../emulator/neptune/clusters.ts';
import type { GraphOptions } from '../../emulator/graph/graphs.ts';
import type { ImportOptions } from '../../emulator/graph/imports.ts';
import type { Emulator } from '../../emulator/emulator.ts';
import { Driver, openOutside, type Outside } from './driver.ts';
import { inMemory } from './memory-store.ts';

interface Suite {
  readonly outside: Outside;
  readonly driver: Driver;
  readonly account: Emulator['account'];
  readonly switches: Emulator['switches'];
  /** A new resettable cluster without a data plane. Returns its identifier. */
  cluster(options?: Omit<ClusterOptions, 'identifier'>): Promise<string>;
  /** A new graph. Returns its id. */
  graph(options?: Partial<GraphOptions>): string;
  /** A new import task of ten minutes into its own graph. Returns its id. */
  importTask(options?: Partial<ImportOptions>): string;
  /** Milliseconds. */
  advance(ms: number): void;
}

let number = 0;

/** `kinds`: other stores than the one in memory, for tests that depend on them. */
export function describeLifecycle(title: string, body: (suite: Suite) => void, kinds = [inMemory]): void {
  describe.each(kinds)(`${title}, records in $name`, (kind) => {
    let outside: Outside;
    let driver: Driver;
    beforeAll(async () => {
      outside = await openOutside(kind);
      driver = new Driver(outside);
    });
    afterEach(async () => {
      outside.emulator.switches.clear();
      await driver.drive();
      driver.added.length = 0;
      driver.logged.length = 0;
      driver.visits.length = 0;
      driver.credentials = 0;
      driver.atGate = () => true;
    });
    afterAll(async () => {
      driver.close();
      await outside.close();
    });
    const next = () => String((number += 1)).padStart(10, '0');
    body({
      get outside() {
        return outside;
      },
      get driver() {
        return driver;
      },
      get account() {
        return outside.emulator.account;
      },
      get switches() {
        return outside.emulator.switches;
      },
      async cluster(options = {}) {
        const identifier = `c-${next()}`;
        await outside.emulator.account.addCluster({ dataPlane: false, ...options, identifier });
        driver.resettable.add(`default/${identifier}`);
        return identifier;
      },
      graph(options = {}) {
        const id = `g-${next()}`;
        outside.emulator.account.addGraph({ id, name: id, ...options });
        driver.resettableGraphs.add(`default/${id}`);
        return id;
      },
      importTask(options = {}) {
        const graphId = `g-${next()}`;
        outside.emulator.account.addGraph({ id: graphId, name: graphId });
        return outside.emulator.account.addImportTask({ id: `t-${next()}`, graphId, totalMs: 600_000, ...options }).id;
      },
      advance: (ms) => outside.clock.advance(ms),
    });
  });
}
