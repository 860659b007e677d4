// One line a fact: JSON in production. Secrets never reach it: what is logged is chosen by name, never whole objects.
import { type Logger, pino } from 'pino';

/** `level` is pino's; `silent` for tests. Lines go to standard error, so that a command's output stays its own. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
