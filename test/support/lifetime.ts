// A process that can die at any of its steps, inside a test: from the fatal step on nothing that it awaits ever settles, so
// that no clean-up runs either. Whoever simulates the crash lets go of every object that had a part in it.
import type { Aws } from '../../src/aws/clients.ts';
import type { Store } from '../../src/records/store.ts';

const never = new Promise<never>(() => undefined);

export class Lifetime {
  /** Every step made, by name, in order. */
  readonly steps: string[] = [];
  /** Settles when the fatal step is reached; holds its name. */
  readonly death: Promise<string>;
  #die: (step: string) => void = () => undefined;
  readonly #fatal: number;

  /** Dies at step number `fatal`, counted from 1; left out: lives. */
  constructor(fatal = Infinity) {
    this.#fatal = fatal;
    this.death = new Promise((resolve) => (this.#die = resolve));
  }

  async step(name: string): Promise<void> {
    if (this.steps.length < this.#fatal) this.steps.push(name);
    else await never;
    if (this.steps.length < this.#fatal) return;
    this.#die(name);
    await never;
  }

  /** A deed with a step before it, and one after it whose answer is lost when it is the fatal one. */
  async around<Answer>(name: string, deed: () => Promise<Answer>): Promise<Answer> {
    await this.step(`before ${name}`);
    const answer = await deed();
    await this.step(`after ${name}`);
    return answer;
  }

  /** For a deed that changes nothing: a crash after it leaves behind what a crash before the next step does. */
  async before<Answer>(name: string, deed: () => Promise<Answer>): Promise<Answer> {
    await this.step(`before ${name}`);
    return deed();
  }

  store(store: Store): Store {
    return {
      read: (keys) => this.before(`read ${kinds(keys)}`, () => store.read(keys)),
      knownTime: () => store.knownTime(),
      commit: (changes) => this.around(`commit ${changes.map(({ op }) => op).join(' ')}`, () => store.commit(changes)),
      page: (index, request) => this.before(`page ${index}`, () => store.page<never>(index, request)),
      count: (index) => store.count(index),
      prune: (index, entries) => store.prune(index, entries),
      close: () => store.close(),
    };
  }

  /** Every request that these clients make; they share one request handler. */
  requestsOf(aws: Aws): void {
    const handler = aws.neptune.config.requestHandler;
    const handle = handler.handle.bind(handler);
    handler.handle = (request, options) =>
      this.around(`${request.method} ${request.hostname}`, () => handle(request, options));
  }
}

function kinds(keys: readonly string[]): string {
  return keys.map((key) => key.split('/')[0]).join(' ');
}
