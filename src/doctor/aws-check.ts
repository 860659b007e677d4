// Checks AWS for one target: the service's identity, its permissions to read, and whether the clusters' data planes can
// be reached. Actions that change something are listed, never tried.
import { GetEngineStatusCommand } from '../aws/sdk/neptunedata.ts';
import type { DBCluster } from '../aws/sdk/neptune.ts';
import { type Aws, createAws } from '../aws/clients.ts';
import { dataPlaneRules } from '../aws/data-plane-host.ts';
import type { Config, Target } from '../config.ts';
import { neededBy, untried } from './aws-actions.ts';
import { type FaultExplanation, explainFault } from './explain-fault.ts';
import { type Read, type Seen, reads } from './aws-reads.ts';
import type { Chapter } from './finding.ts';

const mostDataPlanes = 3;
const dataPlaneTimeout = 5_000;

/** `onDate` gets the time in each of AWS's answers, in milliseconds. */
export async function checkTarget(
  into: Chapter,
  config: Config,
  target: Target,
  onDate: (at: number) => void,
): Promise<void> {
  const aws = createAws(target, dataPlaneRules(config));
  for (const client of [aws.neptune, aws.graph]) hearDates(client, onDate);
  try {
    if (!(await checkIdentity(into, aws, target))) return;
    const seen: Seen = { clusters: [] };
    const hasSchedules = config.NEPTUNE_OPS_SCHEDULES_FILE !== undefined;
    const tried = await tryReads({ into, aws, target, seen, hasSchedules });
    if (tried === undefined) return;
    for (const cluster of firstOf(seen.clusters, config, target))
      if (await tryDataPlane(into, aws, config, target, cluster)) tried.add('neptune-db:GetEngineStatus');
    for (const [actions, why] of untried(tried, hasSchedules))
      into.untried('other actions', `${actions.join(', ')}: ${why}`);
  } finally {
    aws.close();
  }
}

/** The identity that the provider gives. The reads show whether AWS accepts it. */
async function checkIdentity(into: Chapter, aws: Aws, target: Target): Promise<boolean> {
  try {
    const { accessKeyId, expiration, accountId } = await aws.neptune.config.credentials();
    const account = accountId === undefined ? '' : `, account ${accountId}`;
    const until = expiration === undefined ? '' : `, until ${expiration.toISOString().slice(0, 16)}Z`;
    const shown = accessKeyId.length > 12 ? `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}` : accessKeyId;
    into.fine('credentials', `${target.role ?? 'the SDK found some'}: access key ${shown}${account}${until}`);
    return true;
  } catch (error) {
    const mend =
      target.role === undefined
        ? 'Give the service a role, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'
        : `Allow sts:AssumeRole on ${target.role} to the service’s role, and let its trust policy name that role.`;
    into.wrong('credentials', (error as Error).message, mend);
    into.untried('everything else', 'without credentials nothing can be asked of AWS');
    return false;
  }
}

interface Trying {
  readonly into: Chapter;
  readonly aws: Aws;
  readonly target: Target;
  readonly seen: Seen;
  readonly hasSchedules: boolean;
}

/** Returns the actions tried; `undefined` when further tries make no sense. */
async function tryReads(trying: Trying): Promise<Set<string> | undefined> {
  const tried = new Set<string>();
  const silent = new Set<string>();
  for (const read of reads) {
    const [api = ''] = read.action.split(':');
    if (silent.has(api)) continue;
    tried.add(read.action);
    const met = await tryRead(trying, read);
    if (met === 'identity') {
      trying.into.untried('everything else', 'AWS does not know who is asking');
      return undefined;
    }
    // One time-out per API is enough.
    if (met === 'silence') silent.add(api);
  }
  return tried;
}

async function tryRead(
  { into, aws, target, seen, hasSchedules }: Trying,
  { action, try: tryIt }: Read,
): Promise<FaultExplanation['means'] | undefined> {
  try {
    const found = await tryIt(aws, seen);
    if (found === undefined) into.untried(action, 'there is nothing to try it on');
    else into.fine(action, found);
    return undefined;
  } catch (error) {
    const { says, mend, means } = explainFault(error, action, target);
    const needed = neededBy(action, hasSchedules);
    if (needed === '' && means === 'denied') into.untried(action, 'AWS denies it, and only schedules need it');
    else into.wrong(action, `${says}${needed === '' ? '' : ` (needed by ${needed})`}`, mend);
    return means;
  }
}

/** The clusters that fast-reset may reset come first. */
function firstOf(clusters: readonly DBCluster[], config: Config, target: Target): DBCluster[] {
  const available = clusters.filter(({ Status, Endpoint }) => Status === 'available' && Endpoint !== undefined);
  const first = available.filter((cluster) => isResettable(cluster, config, target));
  return [...new Set([...first, ...available])].slice(0, mostDataPlanes);
}

function isResettable({ DBClusterIdentifier: id = '' }: DBCluster, { resettable }: Config, { name }: Target): boolean {
  return resettable.has(`${name}/${id}`.toLowerCase());
}

/** Returns whether it tried the permission. */
async function tryDataPlane(
  into: Chapter,
  aws: Aws,
  config: Config,
  target: Target,
  cluster: DBCluster,
): Promise<boolean> {
  const { Endpoint: host = '', Port: port = 8182, DBClusterIdentifier: id = '' } = cluster;
  const what = `data plane of ${id}`;
  try {
    const options = { abortSignal: AbortSignal.timeout(dataPlaneTimeout) };
    const { status } = await aws.data({ host, port }).send(new GetEngineStatusCommand({}), options);
    into.fine(what, status ?? 'answers');
    return true;
  } catch (error) {
    const { says, mend, means } = explainFault(error, 'neptune-db:GetEngineStatus', target);
    if (!isResettable(cluster, config, target)) {
      into.untried(what, `${says}; only fast-reset and schedules with when-busy need it`);
      return false;
    }
    const inside = `It answers inside its VPC only: run the service there, and let its security group in at port ${port}.`;
    into.wrong(what, `${host}:${port}: ${says} (needed by fast-reset)`, means === 'silence' ? inside : mend);
    return true;
  }
}

interface Hearable {
  readonly middlewareStack: {
    add(middleware: never, options: { step: 'deserialize'; priority: 'low'; name: string }): void;
  };
}

function hearDates(client: Hearable, onDate: (at: number) => void): void {
  type Answered = { readonly response?: { readonly headers?: Readonly<Record<string, string>> } };
  const hear = (next: (request: unknown) => Promise<Answered>) => async (request: unknown) => {
    const answered = await next(request);
    const at = Date.parse(answered.response?.headers?.['date'] ?? '');
    if (Number.isFinite(at)) onDate(at);
    return answered;
  };
  client.middlewareStack.add(hear as never, { step: 'deserialize', priority: 'low', name: 'hearDate' });
}
