// The exit codes of all commands, for scripts. --help documents them, and they never change their meaning.
import type { TerminalState } from '../records/job.ts';

export const exitCodes = {
  succeeded: 0,
  failed: 1,
  cancelled: 2,
  'timed-out': 3,
  refused: 4,
  unreachable: 5,
  usage: 64,
  /** A bug of neptune-ops. */
  internal: 70,
  interrupted: 130,
} as const satisfies Record<TerminalState, number> & Record<string, number>;

export const exitHelp = `
Exit codes:
  0  the job succeeded; without --wait: it was accepted
  1  the job failed
  2  the job was cancelled
  3  the job timed out, or --wait was over before it
  4  the service refused; standard error says why and what to do
  5  the service can't be reached
  64 wrong usage; 70 an error of neptune-ops; 130 Ctrl-C (the job goes on)
`;

/** The command line is wrong. `message` says how to correct it. */
export class UsageError extends Error {}
