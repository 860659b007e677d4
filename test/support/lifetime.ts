// Simulates a process that dies at one of its steps: from that step on, nothing that it awaits settles, so no clean-up
// runs either. The test must drop every object that took part.
import type { Aws } from '../../src/aws/clients.ts';
import type { Store } from '../../src/records/store.ts';

const never = new Promise<never>(() => undefined);

export class Lifetime {
  /** The names of all steps made, in order. */
  readonly steps: string[] = [];
  /** Resolves with the step's name when the fatal step is reached. */
  readonly death: Promise<string>;
  #die: (step: string) => void = () => undefined;
  readonly #fatal: number;

  /** Dies at step number `fatal`, counted from 1. Absent: never. */
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

  /** Runs `deed` with a step before and one after it. If the second is fatal, the answer is lost. */
  async around<Answer>(name: string, deed: () => Promise<Answer>): Promise<Answer> {
    await this.step(`before ${name}`);
    const answer = await deed();
    await this.step(`after ${name}`);
    return answer;
  }

  /** For a call that changes nothing: dying after it is the same as dying before the next step. */
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

  /** Counts every request of these clients. They share one request handler. */
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
