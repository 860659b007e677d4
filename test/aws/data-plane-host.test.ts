// Where signed requests for data planes may go.
import { describe, expect, it } from 'vitest';
import { createAws } from '../../src/aws/clients.ts';
import { demandDataPlaneHost } from '../../src/aws/data-plane-host.ts';
import { faultOf } from '../../src/aws/faults.ts';

const https = { dataPlaneScheme: 'https' } as const;
const tried = (host: string, rules: Parameters<typeof demandDataPlaneHost>[2] = https, port = 8182) => {
  try {
    demandDataPlaneHost(host, port, rules);
    return 'allowed';
  } catch (error) {
    return faultOf(error).refusal?.code;
  }
};

describe('a signed request for a data plane', () => {
  it.each([
    'dev-1.cluster-abc123.eu-west-1.neptune.amazonaws.com',
    'dev-1.abc123.cn-north-1.neptune.amazonaws.com.cn',
    'dev-1.cluster-abc123.eusc-de-east-1.neptune.amazonaws.eu',
    'dev-1.cluster-abc123.us-iso-east-1.neptune.c2s.ic.gov',
    'DEV-1.cluster-abc123.eu-west-1.neptune.AMAZONAWS.COM',
  ])('goes to AWS’s host %s', (host) => {
    expect(tried(host)).toBe('allowed');
  });

  it.each([
    '',
    '127.0.0.1',
    'localhost',
    '169.254.169.254',
    'evil.example',
    'amazonaws.com',
    'amazonaws.com.evil.example',
    'evilamazonaws.com',
    'neptune.amazonaws.com.',
    'evil.example/.amazonaws.com',
    'evil.example#.amazonaws.com',
    'evil.example?.amazonaws.com',
    'user@evil.example:1/.amazonaws.com',
    'evil.example\\.amazonaws.com',
    'evil.example\n.amazonaws.com',
    'a..amazonaws.com',
    'x.xn--amazonaws.com',
    `${'a'.repeat(64)}.amazonaws.com`,
  ])('never goes to %j', (host) => {
    expect(tried(host)).toBe('foreign-endpoint');
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN])('never goes to port %d', (port) => {
    expect(tried('a.amazonaws.com', https, port)).toBe('foreign-endpoint');
    expect(tried('127.0.0.1', { dataPlaneScheme: 'http' }, port)).toBe('foreign-endpoint');
  });

  it('goes to private endpoints that the settings allow, and to no other', () => {
    const rules = { ...https, dataPlaneHosts: ['graph.example', '*.neptune.internal'] };
    for (const host of ['graph.example', 'a.neptune.internal', 'A.B.neptune.internal']) {
      expect(tried(host, rules), host).toBe('allowed');
    }
    for (const host of ['x.graph.example', 'neptune.internal', 'evilneptune.internal', 'evil/.neptune.internal']) {
      expect(tried(host, rules), host).toBe('foreign-endpoint');
    }
  });

  it('goes over http to loopback only, whatever the settings allow', () => {
    const rules = { dataPlaneScheme: 'http', dataPlaneHosts: ['graph.example'] } as const;
    expect(tried('127.0.0.1', rules)).toBe('allowed');
    for (const host of ['graph.example', 'a.amazonaws.com']) expect(tried(host, rules), host).toBe('foreign-endpoint');
  });

  it('has no client for another host', () => {
    const aws = createAws({ name: 'default', region: 'eu-west-1' }, https);
    expect(() => aws.data({ host: 'evil.example', port: 8182 })).toThrow('NEPTUNE_OPS_DATA_PLANE_HOSTS');
    aws.close();
  });
});
