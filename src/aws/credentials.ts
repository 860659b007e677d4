// Where a target's credentials come from. Their source may hang, be renewed behind our back or refuse: whoever asks gets an
// answer in time, and after a fault nothing that was cached is used again.
import { fromNodeProviderChain, fromTemporaryCredentials } from './sdk/credential-providers.ts';
import type { Target } from '../config.ts';
import { hide, withoutSecrets } from '../redact.ts';
import { BoundedHandler } from './bounded-handler.ts';
import { within } from './within.ts';

/** How long a call waits for credentials, in milliseconds. */
export const credentialsTimeout = 5_000;
/** Credentials are asked for anew this long before they expire, in milliseconds. */
const renewBefore = 300_000;
/** A source that hasn't answered for this long is asked once more beside it; later, where many such hang. Milliseconds. */
const askAgainAfter = 30_000;
const askAgainLater = 600_000;
const manyHang = 20;

type Provider = ReturnType<typeof fromNodeProviderChain>;
export type Identity = Awaited<ReturnType<Provider>>;

export interface Credentials {
  /** For clients of today’s SDK, which asks at every call. Rejects in time, with a `CredentialsProviderError`. */
  readonly provider: Provider & { readonly memoized: true };
  /** For the SDK of the data plane, which keeps what it was given until it expires: to it everything has expired. */
  readonly providerOfOldSdk: Provider;
  /** How often they were dropped so far: taken before a call, it tells `forget` which ones the call was signed with. */
  generation(): number;
  /** AWS did not take them: those of this generation are dropped, with all that their source has cached. */
  forget(generation: number): void;
  close(): void;
}

/**
 * One for all clients of a target, for each would assume the role by itself, and the data client's own chain can't read EKS
 * Pod Identity. Whatever goes wrong is named as trouble with credentials: a role that is denied is no answer of Neptune's.
 */
export function createCredentials(target: Pick<Target, 'region' | 'role'>): Credentials {
  let requestHandler: BoundedHandler | undefined;
  let current: Identity | undefined;
  let asked: { readonly since: number; readonly answer: Promise<Identity> } | undefined;
  /** Dropped after every fault, for the SDK's providers and the clients below them cache what they found. */
  let source: Provider | undefined;
  let hanging = 0;
  let generation = 0;

  function ask(): { readonly since: number; readonly answer: Promise<Identity> } {
    const now = performance.now();
    if (asked !== undefined) {
      if (now - asked.since < (hanging < manyHang ? askAgainAfter : askAgainLater)) return asked;
      hanging += 1;
      // The one that hangs would keep whoever asks the same source.
      source = undefined;
      const done = () => (hanging -= 1);
      asked.answer.then(done, done);
    }
    source ??= sourceOf(target, (requestHandler ??= new BoundedHandler(credentialsTimeout)));
    const own = {
      since: now,
      answer: source().then(
        (identity) => {
          hide(identity.secretAccessKey, identity.sessionToken);
          if (asked === own) asked = undefined;
          return (current = identity);
        },
        (cause: Error) => {
          if (asked === own) asked = source = undefined;
          throw failure(target, cause);
        },
      ),
    };
    // Whoever asked may have gone.
    own.answer.catch(() => undefined);
    return (asked = own);
  }

  const provide: Provider = async () => {
    const known = current;
    const left = known === undefined ? 0 : (known.expiration?.getTime() ?? Infinity) - Date.now();
    if (known !== undefined && left > renewBefore) return known;
    const { since, answer } = ask();
    const patience = Math.max(0, since + credentialsTimeout - performance.now());
    try {
      return await within(answer, patience, () => failure(target, new NoAnswer()));
    } catch (error) {
      // What is still good is used while its source is in trouble.
      if (known !== undefined && left > 0) return known;
      throw error;
    }
  };
  return {
    provider: Object.assign(provide, { memoized: true as const }),
    providerOfOldSdk: async () => ({ ...(await provide()), expiration: new Date() }),
    generation: () => generation,
    forget(failed) {
      if (failed !== generation) return;
      generation += 1;
      current = source = undefined;
    },
    close: () => requestHandler?.destroy(),
  };
}

class NoAnswer extends Error {
  constructor() {
    super(`their source did not answer within ${credentialsTimeout / 1_000} s`);
    this.name = 'TimeoutError';
  }
}

function failure({ role }: Pick<Target, 'role'>, cause: Error): Error {
  const message = withoutSecrets(`${role ?? 'No AWS credentials'}: ${cause.name}: ${cause.message}`);
  return Object.assign(new Error(message, { cause }), { name: 'CredentialsProviderError' });
}

function sourceOf({ region, role }: Pick<Target, 'region' | 'role'>, requestHandler: BoundedHandler): Provider {
  const clientConfig = { region, requestHandler };
  // Files that were renewed are read anew.
  const own = fromNodeProviderChain({ clientConfig, ignoreCache: true });
  if (role === undefined) return own;
  const params = { RoleArn: role, RoleSessionName: 'neptune-ops' };
  return fromTemporaryCredentials({ params, clientConfig, masterCredentials: own });
}
