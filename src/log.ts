// The log: JSON in production, text at a terminal. Secrets never reach it: facts are chosen by name, errors are cut
// down to safe fields, and every line goes through `withoutSecrets`.
import { type DestinationStream, type Logger, pino } from 'pino';
import { textLine } from './log-text.ts';
import { withoutSecrets } from './redact.ts';

type LogFormat = 'json' | 'text';

/** Text at a terminal, JSON elsewhere. */
function usualFormat(): LogFormat {
  return process.stderr.isTTY ? 'text' : 'json';
}

/** `level` is pino's; tests use `silent`. It writes to standard error, so that a command's output stays clean. */
export function createLog(level: string, format: LogFormat = usualFormat()): Logger {
  const out = pino.destination({ fd: 2, sync: true });
  return logTo(level, format, { write: (line) => out.write(line) }, process.stderr.isTTY && !process.env['NO_COLOR']);
}

/** The same log, to any stream. */
export function logTo(level: string, format: LogFormat, out: DestinationStream, coloured = false): Logger {
  const clean: DestinationStream = {
    write: (line) => out.write(withoutSecrets(format === 'text' ? textLine(line, coloured) : line)),
  };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: tellErrors },
      serializers: { err: (error: unknown) => (error instanceof Error ? told(error) : error) },
    },
    clean,
  );
}

/** An uncaught error ends the process as usual, but is logged like any other. Node would print all its properties. */
export function logCrashes(log: Logger): void {
  process.on('uncaughtException', (error: unknown) => {
    log.fatal({ err: error instanceof Error ? error : new Error(String(error)) }, 'crashed');
    process.exit(1);
  });
}

/** Cuts down every error among a line's facts. */
function tellErrors(facts: Record<string, unknown>): Record<string, unknown> {
  const errors = Object.entries(facts).filter(([, value]) => value instanceof Error);
  if (errors.length === 0) return facts;
  return { ...facts, ...Object.fromEntries(errors.map(([name, error]) => [name, told(error as Error)])) };
}

interface Told {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly requestId?: string;
  readonly status?: number;
  readonly stack?: string;
  readonly causedBy?: Told;
}

const deepest = 3;

/**
 * Keeps only these fields of an error: the SDK's errors carry the request and its headers, those of Redis the command
 * with its password.
 */
function told(error: Error, depth = 1): Told {
  const {
    code,
    $metadata = {},
    cause,
    stack,
  } = error as Error & {
    code?: unknown;
    $metadata?: { requestId?: unknown; httpStatusCode?: unknown };
  };
  const { requestId, httpStatusCode: status } = $metadata;
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(stack === undefined ? {} : { stack }),
    ...(cause instanceof Error && depth < deepest ? { causedBy: told(cause, depth + 1) } : {}),
  };
}
