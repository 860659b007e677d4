// Watches the schedules file and reads it again when it changes. A broken or missing file leaves the last good plan in
// force and is logged once. A broken file never stops or starts anything.
import { readFileSync, statSync } from 'node:fs';
import type { Logger } from 'pino';
import { type KnownTargets, largestFile, readPlan } from './schedule-file.ts';
import type { FileFinding, SchedulePlan } from '../schedule.ts';

/** Time between two checks of the file; milliseconds. */
const lookEvery = 2_000;

export interface WatchedState {
  readonly plan: SchedulePlan | undefined;
  /** When the plan in force was read; milliseconds. */
  readonly loadedAt: number | undefined;
  /** The findings about the plan in force. They are all warnings. */
  readonly findings: readonly FileFinding[];
  /** The findings about the file as it is now, when it isn't in force. */
  readonly broken: readonly FileFinding[] | undefined;
}

export interface WatchedPlan {
  current(): WatchedState;
  /** Checks the file now instead of at the next interval. */
  look(): void;
  close(): void;
}

/** Reads the file and watches it. Throws an `Error` that lists the findings when the file is broken at the start. */
export function watchPlan(path: string, targets: KnownTargets, log: Logger): WatchedPlan {
  let text = textOf(path);
  let state = read(text, targets);
  if (state.broken) throw new Error(`The schedules are not right:\n${findingLines(path, state.broken).join('\n')}`);
  tell();

  function look(): void {
    const seen = textOf(path);
    if (isSame(seen, text)) return;
    text = seen;
    const next = read(text, targets);
    state = next.broken ? { ...state, broken: next.broken } : next;
    tell();
  }

  function tell(): void {
    if (state.broken) {
      const findings = findingLines(path, state.broken.slice(0, 20));
      log.error({ file: path, findings }, 'the schedules file is not right; the last good one stays in force');
      return;
    }
    log.info({ file: path, schedules: state.plan?.schedules.length ?? 0 }, 'schedules are in force');
    if (state.findings.length > 0) {
      log.warn({ file: path, findings: findingLines(path, state.findings.slice(0, 20)) }, 'about the schedules');
    }
  }

  const timer = setInterval(look, lookEvery);
  timer.unref();
  return { current: () => state, look, close: () => clearInterval(timer) };
}

/** `schedules.yaml:4:7: error: …`, which editors and terminals turn into links. */
export function findingLines(file: string, findings: readonly FileFinding[]): string[] {
  return findings.map(({ level, line, column, path, message }) => {
    return `${file}:${line}:${column}: ${level}: ${path === '' ? '' : `${path}: `}${message}`;
  });
}

/** What the file says, or why it can't be read. Its time and size don't tell whether it has changed: both can stay as they were. */
type Text = { readonly text: string } | { readonly code: string };

function textOf(path: string): Text {
  try {
    // It is read every two seconds, and would be refused for its size anyhow.
    if (statSync(path).size > 2 * largestFile) return { code: 'EFBIG' };
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { code: String((error as NodeJS.ErrnoException).code) };
  }
}

function isSame(a: Text, b: Text): boolean {
  return 'text' in a ? 'text' in b && a.text === b.text : 'code' in b && a.code === b.code;
}

function read(file: Text, targets: KnownTargets): WatchedState {
  if ('code' in file) {
    const message = `The file can't be read (${file.code}). Put it back, or take the setting out and start anew.`;
    return {
      plan: undefined,
      loadedAt: undefined,
      findings: [],
      broken: [{ level: 'error', line: 1, column: 1, path: '', message }],
    };
  }
  const { plan, findings } = readPlan(file.text, targets);
  if (plan === undefined) return { plan, loadedAt: undefined, findings: [], broken: findings };
  return { plan, loadedAt: Date.now(), findings, broken: undefined };
}
