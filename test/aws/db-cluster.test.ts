import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Aws, createAws } from '../../src/aws/clients.ts';
import { readDbCluster, readDbInstances } from '../../src/aws/db-cluster.ts';

/** An endpoint that makes nothing of identifiers and filters: it answers with everything it has. */
function careless(): Server {
  const member = (kind: string, cluster: string) =>
    `<${kind}><DBClusterIdentifier>${cluster}</DBClusterIdentifier><DBInstanceIdentifier>${cluster}-1</DBInstanceIdentifier><Engine>neptune</Engine></${kind}>`;
  return createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const [action, list, kind] = body.includes('DescribeDBClusters')
        ? ['DescribeDBClusters', 'DBClusters', 'DBCluster']
        : ['DescribeDBInstances', 'DBInstances', 'DBInstance'];
      const all = ['prod-1', 'test-1'].map((cluster) => member(kind, cluster)).join('');
      response.setHeader('content-type', 'text/xml');
      response.end(
        `<${action}Response><${action}Result><${list}>${all}</${list}></${action}Result></${action}Response>`,
      );
    });
  });
}

describe('an endpoint that ignores which cluster was asked for', () => {
  let server: Server;
  let aws: Aws;
  beforeAll(async () => {
    server = careless().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    vi.stubEnv('AWS_ENDPOINT_URL_NEPTUNE', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'stand-in');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'stand-in');
    aws = createAws({ name: 'default', region: 'eu-west-1' }, { dataPlaneScheme: 'http' });
  });
  afterAll(() => {
    aws.close();
    vi.unstubAllEnvs();
    server.close();
  });

  it('never makes one cluster pass for another', async () => {
    expect((await readDbCluster(aws, 'test-1'))?.DBClusterIdentifier).toBe('test-1');
    expect(await readDbCluster(aws, 'gone-1')).toBeUndefined();
  });

  it('never makes another cluster’s instances pass for members', async () => {
    expect((await readDbInstances(aws, 'test-1')).map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)).toEqual([
      'test-1-1',
    ]);
  });
});
