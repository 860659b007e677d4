// Waits at the terminal for a job's end, and sets the exit code by its outcome. Interrupting the command doesn't end
// the job.
import type { Job } from '../client/job.ts';
import { NeptuneOpsError } from '../client/errors.ts';
import { exitCodes } from './exit-codes.ts';
import { answer, answerJson, note, summaryOf } from './output.ts';
import { openProgressDisplay } from './progress-display.ts';
import { patientClient } from './connection.ts';

interface Following {
  /** How long to wait, in seconds. Default: until the job ends. */
  readonly seconds?: number | undefined;
  readonly json?: boolean | undefined;
}

/** Shows the job's progress, then its outcome. Sets the process' exit code. */
export async function followJob(job: Job, { seconds, json }: Following): Promise<void> {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  process.once('SIGINT', leave);
  const screen = openProgressDisplay(job);
  const timeoutMs = seconds === undefined ? undefined : seconds * 1_000;
  let seen = job;
  let trouble: unknown;
  const { signal } = leaving;
  const onTrouble = () => screen.showTrouble();
  const onProgress = (now: Job) => screen.show((seen = now));
  try {
    seen = await patientClient().waitFor(job.id, { timeoutMs, signal, onProgress, onTrouble });
  } catch (error) {
    trouble = error;
  } finally {
    screen.end();
    process.off('SIGINT', leave);
  }
  const code = trouble instanceof NeptuneOpsError ? trouble.code : undefined;
  if (seen.outcome !== null) process.exitCode = exitCodes[seen.outcome.state];
  else if (leaving.signal.aborted) process.exitCode = exitCodes.interrupted;
  else if (code === 'wait-timed-out') process.exitCode = exitCodes['timed-out'];
  else {
    if (code === 'unreachable') sayHowToGoOn(job);
    throw trouble;
  }
  if (json) answerJson(seen);
  else answer(summaryOf(seen));
  if (seen.outcome === null) sayHowToGoOn(job);
}

function sayHowToGoOn({ id }: Job): void {
  note(`The job goes on.\nSee it end: neptune-ops jobs watch ${id}\nCancel it:  neptune-ops jobs cancel ${id}`);
}
