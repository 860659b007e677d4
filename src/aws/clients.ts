// Makes the SDK clients of one target, with time-outs and without the SDK's retries. Neptune's APIs have no idempotency
// tokens, so only the queue retries.
import { NeptuneClient } from '@aws-sdk/client-neptune';
import { NeptuneGraphClient } from '@aws-sdk/client-neptune-graph';
import { NeptunedataClient } from '@aws-sdk/client-neptunedata';
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Target } from '../config.ts';
import type { Api, Gate } from '../operation.ts';
import { hide, withoutSecrets } from '../redact.ts';
import { tracingCalls } from '../tracing/aws-calls.ts';
import { type FaultClass, ForeignAnswer, faultOf } from './faults.ts';

/** Time limit of a read; milliseconds. */
export const readTimeout = 10_000;
/** Time limit of a changing call, from the opened gate to its answer; milliseconds. */
export const changeTimeout = 20_000;

export interface Aws {
  readonly neptune: NeptuneClient;
  readonly graph: NeptuneGraphClient;
  /** The data plane of one cluster. Host and port come from Describe calls, never from a request. */
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

export interface AwsSettings {
  readonly dataPlaneScheme: 'http' | 'https';
  /** Called at the end of every call; must not throw. */
  readonly onCall?: (call: CallSeen) => void;
}

/** Makes the clients of a target once (data plane: once per address), so that connections are reused. */
export function createAws(target: Target, settings: AwsSettings): Aws {
  const requestHandler = new NodeHttpHandler({ connectionTimeout: 3_000, socketTimeout: 30_000 });
  const credentials = credentialsOf(target);
  const shared = { region: target.region, credentials, requestHandler, maxAttempts: 1 };
  const told = <Client extends Stacked>(client: Client, api: Api): Client =>
    tracingCalls(tellingCalls(refusingPages(client), api, settings.onCall), api, target.region);
  const neptune = told(new NeptuneClient(shared), 'neptune');
  // AWS puts the graph's id in front of the host name for data calls. The emulator has no such host names.
  const emulator = settings.dataPlaneScheme === 'http';
  const graph = told(new NeptuneGraphClient({ ...shared, disableHostPrefix: emulator }), 'neptune-graph');
  const dataClients = new Map<string, NeptunedataClient>();
  return {
    neptune,
    graph,
    data({ host, port }) {
      const endpoint = `${settings.dataPlaneScheme}://${host}:${port}`;
      if (settings.dataPlaneScheme === 'http' && !isLoopback(host)) {
        throw new Error(
          `The data plane at ${host} is not on loopback; NEPTUNE_OPS_DATA_PLANE_SCHEME=http is for the emulator only.`,
        );
      }
      const known = dataClients.get(endpoint);
      if (known) return known;
      const client = told(new NeptunedataClient({ ...shared, endpoint }), 'neptunedata');
      dataClients.set(endpoint, client);
      return client;
    },
    close() {
      for (const client of [neptune, graph, ...dataClients.values()]) client.destroy();
      requestHandler.destroy();
    },
  };
}

type Provider = ReturnType<typeof fromNodeProviderChain>;

/** Credentials are renewed this long before they expire; milliseconds. */
const renewBefore = 300_000;

/**
 * One provider for all clients of a target, because each client would assume the role by itself, and the data client's
 * own chain can't read EKS Pod Identity. Every failure in it counts as a credentials fault: a denied role is no answer
 * of Neptune's.
 */
function credentialsOf({ region, role }: Target): Provider {
  const provide =
    role === undefined
      ? fromNodeProviderChain({ clientConfig: { region } })
      : fromTemporaryCredentials({
          params: { RoleArn: role, RoleSessionName: 'neptune-ops' },
          clientConfig: { region },
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

/** The options of every `send` that changes nothing. */
export function reading(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(readTimeout) };
}

/** The options of every `send` that changes something. */
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
 * Makes a client reject an HTML page, which isn't AWS's answer. The SDK parses it as XML: then a stop looks accepted
 * that AWS never saw, or a cluster looks missing.
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

/** Reports each call from the outermost middleware, so that credentials, signing and the gate count in its time. */
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
 * Makes a changing command wait for the gate after it is signed, right before it is sent. A process that was frozen
 * then sends nothing that another worker has decided about since.
 */
export function gated<Command extends Stacked>(command: Command, gate: Gate): Command {
  const passGate = (next: (request: unknown) => Promise<unknown>) => async (request: unknown) => {
    await gate();
    return next(request);
  };
  command.middlewareStack.add(passGate as never, { step: 'deserialize', priority: 'low', name: 'gate' });
  return command;
}
