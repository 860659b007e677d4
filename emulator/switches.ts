// Faults on demand, by rules for all four APIs. A rule says which requests it matches and what happens to them.
import { type EmulatedApi, faults } from './api-errors.ts';
import { writeToken } from './paging.ts';
import { type ApiRefusal, refusal, throttled } from './refusal.ts';

/** Before the effect, or after it. After it, the change was made but the caller gets no answer. */
type When = 'before' | 'after';

/** The requests that a rule matches: those that agree with every given member. */
interface Match {
  api?: EmulatedApi;
  action?: string | readonly string[];
  /** As in the journal, e.g. `db-cluster/dev-1`. */
  resource?: string;
  /** The access key that the request is signed with. */
  accessKeyId?: string;
  /** The number of requests it applies to. Absent: until removed. */
  times?: number;
  /** 0 to 1. Absent: always. */
  probability?: number;
}

export type Rule = Match &
  (
    | { does: 'latency'; ms: number }
    | { does: 'throttle' }
    | { does: 'fault'; code: string; status?: number; message?: string; when?: When }
    | { does: 'drop'; when?: When }
    | { does: 'hang'; when?: When }
    | { does: 'stale'; ms: number }
    | { does: 'endless'; pages?: 'same' | 'new' }
    | { does: 'flood'; bytes: number }
    | { does: 'fail-entries'; code: string; senderFault?: boolean; ids?: readonly string[] }
  );

type Deed = Rule['does'];
type RuleOf<D extends Deed> = Extract<Rule, { does: D }>;

/** A rule in force. */
interface Switch {
  readonly rule: Rule;
  /** The number of requests it has applied to. */
  readonly met: number;
  remove(): void;
}

/** What a request is matched by. */
interface Subject {
  api: EmulatedApi;
  action: string;
  resource?: string | undefined;
  accessKeyId?: string | undefined;
}

/** How a request ends without its own answer. */
export type Cut = ApiRefusal | 'drop' | 'hang' | { readonly flood: number };

/** The rules in force. The first that matches a request wins; latencies add up. */
export class Switches {
  readonly #random: () => number;
  #active: { rule: Rule; met: number }[] = [];
  #endless = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  add(rule: Rule): Switch {
    const active = { rule, met: 0 };
    this.#active.push(active);
    return {
      rule,
      get met() {
        return active.met;
      },
      remove: () => this.#remove(active),
    };
  }

  /** Delays everything by `ms` of real time. */
  latency(ms: number, match: Match = {}): Switch {
    return this.add({ ...match, does: 'latency', ms });
  }

  /** "Rate exceeded" in the API's own format. */
  throttle(match: Match = {}): Switch {
    return this.add({ ...match, does: 'throttle' });
  }

  /** Answers with an error, by class name or wire code. The status of modelled errors is known. */
  fault(fault: { code: string; status?: number; message?: string; when?: When }, match: Match = {}): Switch {
    return this.add({ ...match, does: 'fault', ...fault });
  }

  /** Destroys the socket. */
  drop(given: { when?: When } = {}, match: Match = {}): Switch {
    return this.add({ ...match, does: 'drop', ...given });
  }

  /** Never answers. */
  hang(given: { when?: When } = {}, match: Match = {}): Switch {
    return this.add({ ...match, does: 'hang', ...given });
  }

  /** Reads of the resource answer as of `ms` ago by the emulator's clock. Newer resources aren't found. */
  stale(ms: number, match: Match = {}): Switch {
    return this.add({ ...match, does: 'stale', ms });
  }

  /** Every page of a list names another: the first one again and again, or each time one with another name. */
  endless(given: { pages?: 'same' | 'new' } = {}, match: Match = {}): Switch {
    return this.add({ ...match, does: 'endless', ...given });
  }

  /** Answers 200 with this many meaningless bytes. */
  flood(bytes: number, match: Match = {}): Switch {
    return this.add({ ...match, does: 'flood', bytes });
  }

  /** SQS batches: these entries (absent: all) come back in `Failed`. `senderFault` defaults to false. */
  failEntries(fault: { code: string; senderFault?: boolean; ids?: readonly string[] }, match: Match = {}): Switch {
    return this.add({ ...match, does: 'fail-entries', ...fault });
  }

  clear(): void {
    this.#active = [];
  }

  /** Every rule in force. */
  list(): Rule[] {
    return this.#active.map(({ rule }) => rule);
  }

  /** How long this request has to wait, in milliseconds. */
  delayOf(subject: Subject): number {
    return this.#take(subject, ['latency']).reduce((sum, rule) => sum + rule.ms, 0);
  }

  /** How this request ends at this moment; `undefined`: it goes on. */
  cutOf(subject: Subject, when: When): Cut | undefined {
    const [rule] = this.#take(
      subject,
      ['throttle', 'fault', 'drop', 'hang', 'flood'],
      (candidate) => ('when' in candidate ? candidate.when : 'before') === when,
      1,
    );
    if (rule === undefined) return undefined;
    if (rule.does === 'throttle') return throttled(subject.api);
    if (rule.does === 'fault') return namedFault(subject.api, rule);
    return rule.does === 'flood' ? { flood: rule.bytes } : rule.does;
  }

  /** How stale a read of this resource is, in milliseconds. */
  stalenessOf(subject: Subject): number {
    return this.#take(subject, ['stale'], undefined, 1)[0]?.ms ?? 0;
  }

  /** The page that a page of this list names as the next, whatever follows; undefined: the true one. */
  nextPageOf(subject: Subject): string | undefined {
    const [rule] = this.#take(subject, ['endless'], undefined, 1);
    if (rule === undefined) return undefined;
    return writeToken(0, rule.pages === 'new' ? (this.#endless += 1) : 0);
  }

  /** The rule that makes entries of this batch fail. */
  failedEntriesOf(subject: Subject): RuleOf<'fail-entries'> | undefined {
    return this.#take(subject, ['fail-entries'], undefined, 1)[0];
  }

  #take<D extends Deed>(
    subject: Subject,
    deeds: readonly D[],
    accepts: (rule: RuleOf<D>) => boolean = () => true,
    most = Number.POSITIVE_INFINITY,
  ): RuleOf<D>[] {
    const taken: RuleOf<D>[] = [];
    for (const active of this.#active.length === 0 ? [] : [...this.#active]) {
      const rule = active.rule;
      if (!isOneOf(rule, deeds) || !accepts(rule) || !meets(rule, subject)) continue;
      if (rule.probability !== undefined && this.#random() >= rule.probability) continue;
      active.met += 1;
      if (rule.times !== undefined && active.met >= rule.times) this.#remove(active);
      taken.push(rule);
      if (taken.length >= most) break;
    }
    return taken;
  }

  #remove(active: { rule: Rule }): void {
    this.#active = this.#active.filter((other) => other !== active);
  }
}

function isOneOf<D extends Deed>(rule: Rule, deeds: readonly D[]): rule is RuleOf<D> {
  return (deeds as readonly Deed[]).includes(rule.does);
}

function meets(rule: Match, subject: Subject): boolean {
  const { api, action, resource, accessKeyId } = rule;
  return (
    (api === undefined || api === subject.api) &&
    (action === undefined ||
      (typeof action === 'string' ? action === subject.action : action.includes(subject.action))) &&
    (resource === undefined || resource === subject.resource) &&
    (accessKeyId === undefined || accessKeyId === subject.accessKeyId)
  );
}

function namedFault(api: EmulatedApi, rule: RuleOf<'fault'>): ApiRefusal {
  const table = Object.entries(faults[api]);
  const [code] = table.find(([, known]) => typeof known !== 'number' && known[1] === rule.code) ?? [rule.code];
  const status = rule.status === undefined ? {} : { status: rule.status };
  return refusal(api, code, rule.message ?? `${rule.code} by a switch`, status);
}
