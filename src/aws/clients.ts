// The real SDK clients of one target, with the two things the SDK leaves out: no retry of its own, and a time-out.
// The queue retries, never the SDK: no Neptune API has an idempotency token.
import { NeptuneClient } from './sdk/neptune.ts';
import { NeptuneGraphClient } from './sdk/neptune-graph.ts';
import { NeptunedataClient } from './sdk/neptunedata.ts';
import { fromNodeProviderChain, fromTemporaryCredentials } from './sdk/credential-providers.ts';
import { NodeHttpHandler } from './sdk/node-http-handler.ts';
import type { Target } from '../config.ts';
import type { Api, Gate } from '../operation.ts';
import { proxyAgents } from '../proxy.ts';
import { hide, withoutSecrets } from '../redact.ts';
import { tracingCalls } from '../tracing/aws-calls.ts';
import { type FaultClass, ForeignAnswer, faultOf } from './faults.ts';

/** Time for a read, in milliseconds. */
export const readTimeout = 10_000;
/** Time for a changing call from the opened gate to its answer, in milliseconds. */
export const changeTimeout = 20_000;

export interface Aws {
  readonly neptune: NeptuneClient;
  readonly graph: NeptuneGraphClient;
  /** The data plane of one cluster; host and port come from Describe calls, never from a request. */
  data(address: { readonly host: string; readonly port: number }): NeptunedataClient;
  close(): void;
}

/** A call that has come to its end. `not-sent`: the gate stayed shut. */
export interface CallSeen {
  readonly api: Api;
  /** AWS's name of it: `StopDBCluster`. */
  readonly action: string;
  readonly result: 'ok' | 'not-sent' | FaultClass;
  readonly milliseconds: number;
}

export interface AwsSettings {
  readonly dataPlaneScheme: 'http' | 'https';
  /** Told of every call at its end; must not throw. */
  readonly onCall?: (call: CallSeen) => void;
}

/**
 * Clients are made once a target (data plane: once an address) so that connections are reused, and when they are first used: a
 * start waits for none of them.
 */
export function createAws(target: Target, settings: AwsSettings): Aws {
  const shared = once(() => {
    const requestHandler = new NodeHttpHandler({ connectionTimeout: 3_000, socketTimeout: 30_000, ...proxyAgents() });
    const credentials = credentialsOf(target, requestHandler);
    return { region: target.region, credentials, requestHandler, maxAttempts: 1 };
  });
  const told = <Client extends Stacked>(client: Client, api: Api): Client =>
    tracingCalls(tellingCalls(refusingPages(client), api, settings.onCall), api, target.region);
  const neptune = once(() => told(new NeptuneClient(shared()), 'neptune'));
  // Stand-ins have no names below their own; AWS's hosts take the graph's id in front for its data calls.
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
      const endpoint = `${settings.dataPlaneScheme}://${host}:${port}`;
      if (settings.dataPlaneScheme === 'http' && !isLoopback(host)) {
        throw new Error(
          `The data plane at ${host} is not on loopback; NEPTUNE_OPS_DATA_PLANE_SCHEME=http is for stand-ins only.`,
        );
      }
      const known = dataClients.get(endpoint);
      if (known) return known;
      const client = told(new NeptunedataClient({ ...shared(), endpoint }), 'neptunedata');
      dataClients.set(endpoint, client);
      return client;
    },
    close() {
      for (const client of dataClients.values()) client.destroy();
      neptune.made()?.destroy();
      graph.made()?.destroy();
      shared.made()?.requestHandler.destroy();
    },
  };
}

function once<Made>(make: () => Made) {
  let made: Made | undefined;
  return Object.assign(() => (made ??= make()), { made: () => made });
}

type Provider = ReturnType<typeof fromNodeProviderChain>;

/** Credentials are asked for anew this long before they expire, in milliseconds. */
const renewBefore = 300_000;

/**
 * One provider for all clients of a target, for each would assume the role by itself, and the data client's own chain can't
 * read EKS Pod Identity. Whatever goes wrong in it is named as trouble with credentials: a role that is denied is no answer
 * of Neptune's.
 */
function credentialsOf({ region, role }: Target, requestHandler: NodeHttpHandler): Provider {
  const provide =
    role === undefined
      ? fromNodeProviderChain({ clientConfig: { region, requestHandler } })
      : fromTemporaryCredentials({
          params: { RoleArn: role, RoleSessionName: 'neptune-ops' },
          clientConfig: { region, requestHandler },
        });
  let latest: ReturnType<Provider> | undefined;
  const ask = (): ReturnType<Provider> => {
    const asked = provide().catch((cause: Error) => {
      if (latest === asked) latest = undefined;
      const message = withoutSecrets(`${role ?? 'No AWS credentials'}: ${cause.name}: ${cause.message}`);
      throw Object.assign(new Error(message, { cause }), { name: 'CredentialsProviderError' });
    });
    return asked;
  };
  return async () => {
    const asked = (latest ??= ask());
    const identity = await asked;
    hide(identity.secretAccessKey, identity.sessionToken);
    const left = (identity.expiration?.getTime() ?? Infinity) - Date.now();
    if (left > renewBefore) return identity;
    if (latest === asked) latest = ask();
    return latest ?? ask();
  };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Options of every `send` that changes nothing. */
export function reading(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(readTimeout) };
}

/** Options of every `send` that changes something. */
export function changing(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(changeTimeout) };
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
    readonly body?: { destroy?(): void };
  };
}

/**
 * Makes a client take a page of HTML for what it is: not AWS's answer. The SDK parses it as XML, and then a stop was accepted
 * that AWS never saw, or a cluster isn't there.
 */
function refusingPages<Client extends Stacked>(client: Client): Client {
  const readType = (next: (request: unknown) => Promise<Answered>) => async (request: unknown) => {
    const answered = await next(request);
    const { statusCode, headers, body } = answered.response;
    const type = headers['content-type'] ?? '';
    if (!/html/i.test(type)) return answered;
    body?.destroy?.();
    throw new ForeignAnswer(statusCode, type);
  };
  client.middlewareStack.add(readType as never, { step: 'deserialize', priority: 'low', name: 'refusePages' });
  return client;
}

/** Tells of each call from outermost: credentials, signing and the gate are in its time. */
function tellingCalls<Client extends Stacked>(client: Client, api: Api, onCall: AwsSettings['onCall']): Client {
  if (onCall === undefined) return client;
  const tell = (next: (request: unknown) => Promise<unknown>, { commandName = '' }: { commandName?: string }) => {
    const action = commandName.replace(/Command$/, '');
    return async (request: unknown) => {
      const began = performance.now();
      let result: CallSeen['result'] = 'ok';
      try {
        return await next(request);
      } catch (error) {
        result = (error as Error).name === 'GateClosed' ? 'not-sent' : faultOf(error).class;
        throw error;
      } finally {
        onCall({ api, action, result, milliseconds: performance.now() - began });
      }
    };
  };
  client.middlewareStack.add(tell as never, { step: 'initialize', priority: 'high', name: 'tellCalls' });
  return client;
}

/**
 * Makes a changing command wait for the gate, after it is signed and right before its bytes leave, so that a process that
 * was frozen sends nothing that somebody else has decided about in the meantime.
 */
export function gated<Command extends Stacked>(command: Command, gate: Gate): Command {
  const passGate = (next: (request: unknown) => Promise<unknown>) => async (request: unknown) => {
    await gate();
    return next(request);
  };
  command.middlewareStack.add(passGate as never, { step: 'deserialize', priority: 'low', name: 'gate' });
  return command;
}
