// The credentials of a target. Their source may hang, change them or refuse. Callers get an answer in time, and after a
// fault nothing that was cached is used again.
import { fromNodeProviderChain, fromTemporaryCredentials } from './sdk/credential-providers.ts';
import type { Target } from '../config.ts';
import { hide, withoutSecrets } from '../redact.ts';
import { BoundedHandler } from './bounded-handler.ts';
import { endWithin } from './end-within.ts';

/** How long a call waits for credentials; milliseconds. */
export const credentialsTimeout = 5_000;
/** Credentials are renewed this long before they expire; milliseconds. */
const renewBefore = 300_000;
/**
 * When a source hasn't answered for this long, it is asked again in parallel; later, if many such requests hang.
 * Milliseconds.
 */
const askAgainAfter = 30_000;
const askAgainLater = 600_000;
const manyHang = 20;

type Provider = ReturnType<typeof fromNodeProviderChain>;
type Identity = Awaited<ReturnType<Provider>>;

export interface Credentials {
  /** For clients of the current SDK, which asks for each call. Rejects in time with a `CredentialsProviderError`. */
  readonly provider: Provider & { readonly memoized: true };
  /** For the data plane's SDK, which keeps credentials until they expire: it gets them as already expired. */
  readonly providerOfOldSdk: Provider;
  /** How often they were dropped so far. Read before a call, it tells `forget` which credentials signed the call. */
  generation(): number;
  /** AWS refused them: drops those of this generation, with everything that their source has cached. */
  forget(generation: number): void;
  close(): void;
}

/**
 * One for all clients of a target, because each client would assume the role by itself, and the data client's own chain
 * can't read EKS Pod Identity. Every failure in it counts as a credentials fault: a denied role is no answer of
 * Neptune's.
 */
export function createCredentials(target: Pick<Target, 'region' | 'role'>): Credentials {
  let requestHandler: BoundedHandler | undefined;
  let current: Identity | undefined;
  let asked: { readonly since: number; readonly answer: Promise<Identity> } | undefined;
  /** Dropped after every fault, because the SDK's providers and the clients below them cache what they found. */
  let source: Provider | undefined;
  let hanging = 0;
  let generation = 0;

  function ask(): { readonly since: number; readonly answer: Promise<Identity> } {
    const now = performance.now();
    if (asked !== undefined) {
      if (now - asked.since < (hanging < manyHang ? askAgainAfter : askAgainLater)) return asked;
      hanging += 1;
      // The hanging source would delay every later caller.
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
    // The caller may have gone.
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
      return await endWithin(answer, patience, () => failure(target, new NoAnswer()));
    } catch (error) {
      // Valid credentials are used while their source fails.
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
  // Reads renewed files again.
  const own = fromNodeProviderChain({ clientConfig, ignoreCache: true });
  if (role === undefined) return own;
  const params = { RoleArn: role, RoleSessionName: 'neptune-ops' };
  return fromTemporaryCredentials({ params, clientConfig, masterCredentials: own });
}
