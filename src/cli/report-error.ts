// Reports an error: one message on standard error and one exit code, without a stack and without secrets.
import { CommanderError } from 'commander';
import { NeptuneOpsError } from '../client/errors.ts';
import { UsageError, exitCodes } from './exit-codes.ts';
import { answerJson, note, plain, wrap } from './output.ts';

/** Prints the error. Returns the exit code. */
export function reportError(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof UsageError) {
    note(error.message);
    return exitCodes.usage;
  }
  if (error instanceof NeptuneOpsError) {
    sayRefusal(error);
    const { code, status, message, errors, holder } = error;
    if (json) answerJson({ error: { code, status, message, errors, holder } });
    return codeOf(error);
  }
  note(`This is an error of neptune-ops: ${plain((error as Error).message)}`);
  return exitCodes.internal;
}

function codeOf({ code }: NeptuneOpsError): number {
  if (code === 'invalid-settings') return exitCodes.usage;
  return code === 'unreachable' || code === 'unexpected-answer' ? exitCodes.unreachable : exitCodes.refused;
}

function sayRefusal({ code, message, errors, holder }: NeptuneOpsError): void {
  note(wrap(`${code}: ${message}`));
  for (const { path, rule, example } of errors) {
    note(wrap(`  ${path}: ${rule}${example === undefined ? '' : `. Example: ${JSON.stringify(example)}`}`, 4));
  }
  const hint = code === 'resource-busy' && holder !== undefined ? busy(holder) : hints[code];
  if (hint !== undefined) note(hint);
}

function busy(holder: string): string {
  return `See it end: neptune-ops jobs watch ${plain(holder)}\nStand in line: the same command with --on-busy wait`;
}

/** What to do at this terminal, beside the service's own message. */
const hints: Readonly<Record<string, string>> = {
  unreachable: 'Is it running? NEPTUNE_OPS_URL says where it is; start one with: neptune-ops local',
  'unexpected-answer': 'NEPTUNE_OPS_URL says where the service is.',
  'invalid-settings': 'The settings are NEPTUNE_OPS_URL and NEPTUNE_OPS_API_KEY.',
  unauthorized: 'Put your key into NEPTUNE_OPS_API_KEY.',
  'unknown-operation': 'See what there is: neptune-ops operations',
  'job-not-found': 'See what there is: neptune-ops jobs list',
  'schedule-not-found': 'See what there is: neptune-ops schedules list',
  'resource-not-scheduled': 'See what there is: neptune-ops schedules list',
};
