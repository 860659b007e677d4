// Tests of the lifecycle: one driver and one set of stand-ins for all of a suite, and names that no other test of it uses.
// On the store in memory alone: what a store must do is tested where stores are, and a crash at any step on each of them.
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import type { ClusterOptions } from '../../src/local/clusters.ts';
import type { GraphOptions } from '../../src/local/graphs.ts';
import type { ImportOptions } from '../../src/local/imports.ts';
import type { StandIns } from '../../src/local/stand-ins.ts';
import { Driver, openOutside, type Outside } from './driver.ts';
import { inMemory } from './memory-store.ts';

export interface Suite {
  readonly outside: Outside;
  readonly driver: Driver;
  readonly world: StandIns['world'];
  readonly switches: StandIns['switches'];
  /** A new cluster without a data plane, resettable; answers its identifier. */
  cluster(options?: Omit<ClusterOptions, 'identifier'>): Promise<string>;
  /** A new graph; answers its id. */
  graph(options?: Partial<GraphOptions>): string;
  /** A new import task of ten minutes into a graph of its own; answers its id. */
  importTask(options?: Partial<ImportOptions>): string;
  /** Milliseconds. */
  advance(ms: number): void;
}

let number = 0;

/** `kinds`: other stores than the one in memory, for what depends on theirs. */
export function describeLifecycle(title: string, body: (suite: Suite) => void, kinds = [inMemory]): void {
  describe.each(kinds)(`${title}, records in $name`, (kind) => {
    let outside: Outside;
    let driver: Driver;
    beforeAll(async () => {
      outside = await openOutside(kind);
      driver = new Driver(outside);
    });
    afterEach(async () => {
      outside.standIns.switches.clear();
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
      get world() {
        return outside.standIns.world;
      },
      get switches() {
        return outside.standIns.switches;
      },
      async cluster(options = {}) {
        const identifier = `c-${next()}`;
        await outside.standIns.world.addCluster({ dataPlane: false, ...options, identifier });
        driver.resettable.add(`default/${identifier}`);
        return identifier;
      },
      graph(options = {}) {
        const id = `g-${next()}`;
        outside.standIns.world.addGraph({ id, name: id, ...options });
        return id;
      },
      importTask(options = {}) {
        const graphId = `g-${next()}`;
        outside.standIns.world.addGraph({ id: graphId, name: graphId });
        return outside.standIns.world.addImportTask({ id: `t-${next()}`, graphId, totalMs: 600_000, ...options }).id;
      },
      advance: (ms) => outside.clock.advance(ms),
    });
  });
}
