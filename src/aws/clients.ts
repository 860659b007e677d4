// The real SDK clients of one target, with what the SDK leaves out: no retry of its own, and bounds of time and size. The
// queue retries, never the SDK: no Neptune API has an idempotency token.
import { NeptuneClient } from './sdk/neptune.ts';
import { NeptuneGraphClient } from './sdk/neptune-graph.ts';
import { NeptunedataClient } from './sdk/neptunedata.ts';
import type { Target } from '../config.ts';
import type { Api } from '../operation.ts';
import { BoundedHandler } from './bounded-handler.ts';
import { limitingCalls, readTimeout } from './call-limits.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import { once } from './sdk/lazily.ts';
import { tracingCalls } from '../tracing/aws-calls.ts';
import { type DataPlaneRules, demandDataPlaneHost } from './data-plane-host.ts';
import { type FaultClass, ForeignAnswer, faultOf } from './faults.ts';

export { changing, gated, reading } from './call-limits.ts';

export interface Aws {
  readonly neptune: NeptuneClient;
  readonly graph: NeptuneGraphClient;
  /**
   * The data plane of one cluster; host and port come from a Describe call of the same visit, never from a request or a
   * record. Throws a refusal (`foreign-endpoint`) for a host that is neither AWS's nor allowed by the settings.
   */
  data(address: { readonly host: string; readonly port: number }): NeptunedataClient;
  close(): void;
}

/** A finished call. `not-sent`: the gate stayed closed. */
export interface CallSeen {
  readonly api: Api;
  /** AWS's name of the call: `StopDBCluster`. */
  readonly action: string;
  readonly result: 'ok' | 'not-sent' | FaultClass;
  readonly milliseconds: number;
}

interface AwsSettings extends DataPlaneRules {
  /** Called at the end of every call; must not throw. */
  readonly onCall?: (call: CallSeen) => void;
}

/**
 * Clients are made once a target (data plane: once an address) so that connections are reused, and when they are first used: a
 * start waits for none of them.
 */
export function createAws(target: Target, settings: AwsSettings): Aws {
  const credentials = createCredentials(target);
  const shared = once(() => ({
    region: target.region,
    credentials: credentials.provider,
    requestHandler: new BoundedHandler(readTimeout),
    maxAttempts: 1,
  }));
  const told = <Client extends Stacked>(client: Client, api: Api): Client => {
    const watched = watchingCalls(refusingPages(client), credentials, (call) => settings.onCall?.({ api, ...call }));
    return limitingCalls(tracingCalls(watched, api, target.region));
  };
  const neptune = once(() => told(new NeptuneClient(shared()), 'neptune'));
  // AWS puts the graph's id in front of the host name for data calls. The emulator has no such host names.
  const emulator = settings.dataPlaneScheme === 'http';
  const graph = once(() => told(new NeptuneGraphClient({ ...shared(), disableHostPrefix: emulator }), 'neptune-graph'));
  const dataClients = new Map<string, NeptunedataClient>();
  return {
    get neptune() {
      return neptune();
    },
    get graph() {
      return graph();
    },
    data({ host, port }) {
      demandDataPlaneHost(host, port, settings);
      const endpoint = `${settings.dataPlaneScheme}://${host}:${port}`;
      const known = dataClients.get(endpoint);
      if (known) return known;
      const client = told(
        new NeptunedataClient({
          ...shared(),
          endpoint,
          credentials: credentials.providerOfOldSdk,
          // The cluster's own name has the addresses that it has; only FIPS would be a promise that nobody keeps.
          useDualstackEndpoint: false,
        }),
        'neptunedata',
      );
      dataClients.set(endpoint, client);
      return client;
    },
    close() {
      for (const client of dataClients.values()) client.destroy();
      neptune.made()?.destroy();
      graph.made()?.destroy();
      shared.made()?.requestHandler.destroy();
      credentials.close();
    },
  };
}

interface Stacked {
  readonly middlewareStack: {
    add(middleware: never, options: { step: 'deserialize'; priority: 'low'; name: string }): void;
    add(middleware: never, options: { step: 'initialize'; priority: 'high'; name: string }): void;
  };
}

interface Answered {
  readonly response: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
  };
}

/**
 * Makes a client reject an HTML page, which isn't AWS's answer. The SDK parses it as XML: then a stop looks accepted
 * that AWS never saw, or a cluster looks missing.
 */
function refusingPages<Client extends Stacked>(client: Client): Client {
  const readType = (next: (request: unknown) => Promise<Answered>) => async (request: unknown) => {
    const answered = await next(request);
    const { statusCode, headers } = answered.response;
    const type = headers['content-type'] ?? '';
    if (!/html/i.test(type)) return answered;
    throw new ForeignAnswer(statusCode, type);
  };
  client.middlewareStack.add(readType as never, { step: 'deserialize', priority: 'low', name: 'refusePages' });
  return client;
}

/**
 * Looks on at each call from outermost: credentials, signing and the gate are in its time. What AWS says of the credentials
 * is for every later call.
 */
export function watchingCalls<Client extends Stacked>(
  client: Client,
  credentials: Credentials,
  onEnd?: (call: Omit<CallSeen, 'api'>) => void,
): Client {
  const watch = (next: (request: unknown) => Promise<unknown>, { commandName = '' }: { commandName?: string }) => {
    const action = commandName.replace(/Command$/, '');
    return async (request: unknown) => {
      const began = performance.now();
      const generation = credentials.generation();
      let result: CallSeen['result'] = 'ok';
      try {
        return await next(request);
      } catch (error) {
        result = (error as Error).name === 'GateClosed' ? 'not-sent' : faultOf(error).class;
        if (result === 'credentials') credentials.forget(generation);
        throw error;
      } finally {
        onEnd?.({ action, result, milliseconds: performance.now() - began });
      }
    };
  };
  client.middlewareStack.add(watch as never, { step: 'initialize', priority: 'high', name: 'watchCalls' });
  return client;
}
