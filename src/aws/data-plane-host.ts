// Decides which hosts get signed requests for a cluster's data plane. No host from a forged answer or record passes: a
// receiver of signed requests sees them, and could pretend to have carried them out.
import type { Config } from '../config.ts';
import { isLoopback } from './loopback.ts';
import { final } from './faults.ts';

/** The domains of AWS's hosts, in all its partitions. */
const awsDomains = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'api.aws',
  'api.amazonwebservices.com.cn',
  'api.amazonwebservices.eu',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'csp.hci.ic.gov',
  'cloud.adc-e.uk',
];

const hostName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

export interface DataPlaneRules {
  /** `http` is for the emulator on loopback only. */
  readonly dataPlaneScheme: 'http' | 'https';
  /** Hosts beside AWS's own: names, or `*.` and a domain. Lower case. */
  readonly dataPlaneHosts?: readonly string[];
}

export function dataPlaneRules(
  config: Pick<Config, 'NEPTUNE_OPS_DATA_PLANE_SCHEME' | 'dataPlaneHosts'>,
): DataPlaneRules {
  return { dataPlaneScheme: config.NEPTUNE_OPS_DATA_PLANE_SCHEME, dataPlaneHosts: config.dataPlaneHosts };
}

/** Throws a refusal that ends the job (`foreign-endpoint`) unless signed requests may go to this host. */
export function demandDataPlaneHost(
  host: string,
  port: number,
  { dataPlaneScheme, dataPlaneHosts = [] }: DataPlaneRules,
): void {
  const isPort = Number.isInteger(port) && port >= 1 && port <= 65_535;
  if (dataPlaneScheme === 'http') {
    if (isLoopback(host) && isPort) return;
    throw refused(
      `The data plane at ${host} is not on loopback; NEPTUNE_OPS_DATA_PLANE_SCHEME=http is for the emulator only.`,
    );
  }
  const name = host.toLowerCase();
  const isAllowed = [...awsDomains.map((domain) => `*.${domain}`), ...dataPlaneHosts].some((allowed) =>
    allowed.startsWith('*.') ? name.endsWith(allowed.slice(1)) : name === allowed,
  );
  if (isAllowed && hostName.test(name) && isPort) return;
  throw refused(
    `The cluster’s endpoint ${host}:${port} is not one of AWS’s, so nothing was sent there. A private endpoint is allowed by NEPTUNE_OPS_DATA_PLANE_HOSTS.`,
  );
}

function refused(reason: string): unknown {
  return final(Object.assign(new Error(reason), { name: 'ForeignEndpoint' }), { code: 'foreign-endpoint', reason });
}
