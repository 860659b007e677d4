// Warns of contradicting address settings before the first call fails by them.
import type { Config } from '../config.ts';
import { regionOfQueue } from './sqs.ts';

const customEndpoints = [
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_NEPTUNE',
  'AWS_ENDPOINT_URL_NEPTUNE_GRAPH',
  'AWS_ENDPOINT_URL_SQS',
] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** One sentence for each contradiction. FIPS and dual-stack may be on in the environment or in AWS's profile. */
export async function endpointWarnings(
  {
    AWS_REGION: region,
    NEPTUNE_OPS_EVENTS_QUEUE_URL: url,
  }: Pick<Config, 'AWS_REGION' | 'NEPTUNE_OPS_EVENTS_QUEUE_URL'>,
  environment: Environment,
): Promise<string[]> {
  const { NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS, NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS, loadConfig } =
    await import('@smithy/core/config');
  const [isFips, isDualstack] = await Promise.all([
    loadConfig(NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS)(),
    loadConfig(NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS)(),
  ]);
  const custom = customEndpoints.filter((name) => environment[name]);
  const modes = [...(isFips ? ['AWS_USE_FIPS_ENDPOINT'] : []), ...(isDualstack ? ['AWS_USE_DUALSTACK_ENDPOINT'] : [])];
  const queueIn = url === undefined ? undefined : regionOfQueue(url);
  return [
    ...modes
      .filter(() => custom.length > 0)
      .map(
        (mode) =>
          `${mode} is on, and ${custom.join(' and ')} set: the SDK refuses every call to such an address. Take one of them out.`,
      ),
    ...(isFips
      ? [
          'AWS_USE_FIPS_ENDPOINT is on, and the data plane of a DB cluster has an address of its own, which can’t be a FIPS one: fast-reset fails there, and whether a cluster is in use can’t be read.',
        ]
      : []),
    ...(queueIn !== undefined && queueIn !== region
      ? [
          `NEPTUNE_OPS_EVENTS_QUEUE_URL names a queue in ${queueIn}, and requests are signed for ${region}: SQS will refuse every event. Make a queue in ${region}.`,
        ]
      : []),
  ];
}
