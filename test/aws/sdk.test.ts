import {
  NeptuneClient as Real,
  StopDBClusterCommand as RealCommand,
  paginateDescribeDBClusters,
} from '@aws-sdk/client-neptune';
import { expect, it } from 'vitest';
import { lazily } from '../../src/aws/sdk/lazily.ts';
import { NeptuneClient, StopDBClusterCommand } from '../../src/aws/sdk/neptune.ts';
import * as neptune from '../../src/aws/sdk/neptune.ts';
import { loadedBy } from '../support/loaded-by.ts';

it.each(['service.ts', 'cli/program.ts', 'handlers/index.ts'])('AWS’s SDK is not loaded with %s', (file) => {
  const loaded = [...loadedBy(new URL(`../../src/${file}`, import.meta.url))];
  expect(loaded.filter((name) => name.startsWith('@aws-sdk/'))).toEqual([]);
});

it('what is used of the SDK behaves as what it stands for', () => {
  const command = new StopDBClusterCommand({ DBClusterIdentifier: 'dev-1' });
  expect(command).toBeInstanceOf(RealCommand);
  expect(command).toBeInstanceOf(StopDBClusterCommand);
  const client = new NeptuneClient({ region: 'eu-west-1' });
  expect(client).toBeInstanceOf(Real);
  expect(neptune.paginateDescribeDBClusters({ client }, {})).toHaveProperty('next');
  expect(neptune.paginateDescribeDBClusters.name).toBe(paginateDescribeDBClusters.name);
});

it('a package that is not there is told when it is first used, not before', () => {
  const { Nothing } = lazily<{ Nothing: new () => object }>('@aws-sdk/client-of-nothing');
  expect(() => new Nothing()).toThrow('@aws-sdk/client-of-nothing');
});
