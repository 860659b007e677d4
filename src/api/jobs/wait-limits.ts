// Limits how many waits and streams are open at the same time, for each key with its sessions and for the process. Each
// of them keeps a connection and polls the store.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../config.ts';
import { ServiceError } from '../../errors.ts';

/** When a refused caller should try again; seconds. */
const comeBackAfter = 20;

export class WaitLimits {
  readonly #most: { readonly perKey: number; readonly all: number };
  readonly #ofKeys = new Map<string, number>();
  #all = 0;

  constructor(config: Pick<Config, 'NEPTUNE_OPS_WAITS' | 'NEPTUNE_OPS_WAITS_PER_KEY'>) {
    this.#most = { perKey: config.NEPTUNE_OPS_WAITS_PER_KEY, all: config.NEPTUNE_OPS_WAITS };
  }

  /** Counts one more. Returns the function that ends it, which may be called twice. Throws `too-many-waits`. */
  enter({ caller }: FastifyRequest, reply: FastifyReply): () => void {
    const key = caller.kind === 'key' ? caller.id : undefined;
    const ofKey = key === undefined ? 0 : (this.#ofKeys.get(key) ?? 0);
    if (key !== undefined && ofKey >= this.#most.perKey) {
      throw refusal(reply, `This key has ${ofKey} waits and streams open (NEPTUNE_OPS_WAITS_PER_KEY).`);
    }
    if (this.#all >= this.#most.all) {
      throw refusal(reply, `This process has ${this.#all} waits and streams open (NEPTUNE_OPS_WAITS).`);
    }
    this.#all += 1;
    if (key !== undefined) this.#ofKeys.set(key, ofKey + 1);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#all -= 1;
      if (key === undefined) return;
      const left = (this.#ofKeys.get(key) ?? 1) - 1;
      if (left > 0) this.#ofKeys.set(key, left);
      else this.#ofKeys.delete(key);
    };
  }
}

function refusal(reply: FastifyReply, what: string): ServiceError {
  void reply.header('retry-after', comeBackAfter);
  return new ServiceError('too-many-waits', `${what} Ask without waiting, or wait for the completion event.`);
}
