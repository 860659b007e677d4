// Watches the schedules file and reads it again when it changes. A broken or missing file leaves the last good plan in
// force and is logged once. A broken file never stops or starts anything.
import { readFileSync, statSync } from 'node:fs';
import type { Logger } from 'pino';
import { type KnownTargets, readPlan } from './schedule-file.ts';
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
  let stamp = stampOf(path);
  let state = read(path, targets);
  if (state.broken) throw new Error(`The schedules are not right:\n${findingLines(path, state.broken).join('\n')}`);
  tell();

  function look(): void {
    const seen = stampOf(path);
    if (seen === stamp) return;
    // Taken before reading: a write during the read changes the stamp and is read next time.
    stamp = seen;
    const next = read(path, targets);
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

function read(path: string, targets: KnownTargets): WatchedState {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const message = `The file can't be read (${(error as NodeJS.ErrnoException).code}). Put it back, or take the setting out and start anew.`;
    return {
      plan: undefined,
      loadedAt: undefined,
      findings: [],
      broken: [{ level: 'error', line: 1, column: 1, path: '', message }],
    };
  }
  const { plan, findings } = readPlan(text, targets);
  if (plan === undefined) return { plan, loadedAt: undefined, findings: [], broken: findings };
  return { plan, loadedAt: Date.now(), findings, broken: undefined };
}

/** Differs after every change, rename or new link target. A file that can't be read has a stamp too. */
function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino, dev } = statSync(path);
    return `${mtimeMs}/${size}/${ino}/${dev}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
