// Reads a document that is a transcript: commands, the terminal for each, and the expected output. A comment in the
// document describes the format.

interface Typed {
  readonly kind: 'typed';
  readonly line: number;
  /** The terminal in which it keeps running. Absent: the main one. */
  readonly terminal: string | undefined;
  readonly commands: string;
  readonly printed: string;
}

interface CtrlC {
  readonly kind: 'ctrl-c';
  readonly line: number;
  readonly terminal: string;
}

export type Step = Typed | CtrlC;

/** The steps of each session, without those done by hand. */
export function readTranscript(text: string): Step[][] {
  const sessions: Step[][] = [];
  const token = /^```(\w+)([^\n]*)\n(.*?)^```$|^<!-- (session|Ctrl-C: (\w+)) -->$/gms;
  let last: { byHand: boolean; answered: boolean; step: Step } | undefined;
  for (const { 0: whole, 1: language, 2: info = '', 3: body = '', 5: stopped, index } of text.matchAll(token)) {
    const line = text.slice(0, index).split('\n').length;
    if (whole === '<!-- session -->') {
      sessions.push([]);
      last = undefined;
    } else if (stopped !== undefined) {
      sessions.at(-1)?.push({ kind: 'ctrl-c', line, terminal: stopped });
      last = undefined;
    } else if (language === 'sh') {
      const terminal = /^ terminal=(\w+)$/.exec(info)?.[1];
      const byHand = info === ' by-hand';
      if (info !== '' && !byHand && terminal === undefined) throw new Error(`Line ${line}: what is “${info}”?`);
      const step: Step = { kind: 'typed', line, terminal, commands: body, printed: '' };
      if (!byHand && sessions.at(-1)?.push(step) === undefined) throw new Error(`Line ${line}: before any session`);
      last = { byHand, answered: false, step };
    } else if (language === 'text') {
      if (last === undefined || last.answered) throw new Error(`Line ${line}: nothing was typed before it`);
      last.answered = true;
      if (!last.byHand) sessions.at(-1)?.splice(-1, 1, { ...last.step, printed: body } as Typed);
    } else throw new Error(`Line ${line}: a block is sh or text`);
  }
  return sessions;
}

/** A pattern for the whole output: `…` is any text in a line; a line of it is any number of lines. */
export function patternOf(printed: string): RegExp {
  const lines = printed.split('\n').slice(0, -1);
  const parts = lines.map((line) => (line === '…' ? '(?:.*\\n)*?' : `${anything(line)}\\n`));
  return new RegExp(`^${parts.join('')}$`);
}

function anything(line: string): string {
  return line
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
}

const address = /127\.0\.0\.1:(\d+)/g;

/** The ports in the document, and the actual ones. */
export class Ports {
  readonly #real = new Map<string, string>();

  /** The document's text with the actual ports that are known so far. */
  apply(text: string): string {
    return text.replace(address, (whole, port: string) => {
      const real = this.#real.get(port);
      return real === undefined ? whole : `127.0.0.1:${real}`;
    });
  }

  real(port: string): string | undefined {
    return this.#real.get(port);
  }

  /** Whether the output is as expected, with any ports. If so, its ports are known from now on. */
  learn(printed: string, got: string): boolean {
    const source = patternOf(printed).source;
    const ports: string[] = [];
    // In a pattern's source the dots of an address are escaped.
    const capturing = source.replace(/127\\\.0\\\.0\\\.1:(\d+)/g, (_whole, port: string) => {
      ports.push(port);
      return '127\\.0\\.0\\.1:(\\d+)';
    });
    const match = new RegExp(capturing).exec(got);
    if (match === null) return false;
    ports.forEach((port, i) => this.#real.set(port, match[i + 1] ?? port));
    return true;
  }
}
