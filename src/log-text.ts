// Formats a line of the log for people: time, level, message, then key=value pairs. It takes pino's JSON and never
// fails.

const colours: Readonly<Record<string, string>> = { warn: '\u001B[33m', error: '\u001B[31m', fatal: '\u001B[31m' };
const plain = '\u001B[0m';

interface Line {
  readonly level?: string;
  readonly time?: string;
  readonly msg?: string;
  readonly [name: string]: unknown;
}

/** `coloured`: for a terminal with colours. */
export function textLine(json: string, coloured: boolean): string {
  let line: Line;
  try {
    line = JSON.parse(json) as Line;
  } catch {
    return json;
  }
  const { level = '', time = '', msg = '', err, ...about } = line;
  const clock = time.slice(11, 23);
  const colour = coloured ? (colours[level] ?? '') : '';
  const word = `${colour}${level.toUpperCase().padEnd(5)}${colour === '' ? '' : plain}`;
  const fields = Object.entries(about).map(([name, value]) => `${name}=${textOf(value)}`);
  const head = [clock, word, withoutControl(msg), ...fields].filter((part) => part !== '').join(' ');
  return `${head}${errorText(err)}\n`;
}

/** Quoted only where it would be ambiguous. */
function textOf(value: unknown): string {
  if (typeof value !== 'string') return withoutControl(JSON.stringify(value) ?? '');
  return value === '' || /[\s"=]/.test(value) ? withoutControl(JSON.stringify(value)) : withoutControl(value);
}

/** Below the line, because a stack is read from top to bottom. */
function errorText(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { type, message, stack, ...more } = error as Readonly<Record<string, unknown>>;
  const lines = typeof stack === 'string' ? stack.split('\n') : [`${String(type)}: ${String(message)}`];
  const rest = Object.keys(more).length > 0 ? [JSON.stringify(more)] : [];
  return [...lines, ...rest].map((text) => `\n    ${withoutControl(text.trim())}`).join('');
}

/** Foreign text must not control the terminal. */
function withoutControl(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
