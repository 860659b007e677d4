// Shows a job's progress on standard error: a bar on a terminal, one line per change elsewhere.
import { SingleBar } from 'cli-progress';
import type { Job } from '../client/job.ts';
import { percentOf } from '../records/job-json.ts';
import { note, plain, seconds, stateOf } from './output.ts';

interface Screen {
  show(job: Job): void;
  /** The service doesn't answer now, and is asked again. */
  showTrouble(): void;
  /** Restores the terminal. */
  end(): void;
}

export function openProgressDisplay(job: Job): Screen {
  return process.stderr.isTTY ? bar(job) : lines(job);
}

const noAnswer = 'no answer; asked again and again';
const barLength = 26;

function bar(job: Job): Screen {
  const began = performance.now();
  const single = new SingleBar({
    format: ' {bar} {words}',
    barsize: barLength,
    barCompleteChar: '█',
    barIncompleteChar: '·',
    hideCursor: true,
    linewrap: false,
    stream: process.stderr,
  });
  const words = (now: Job) => {
    const took = seconds(performance.now() - began);
    return `${stateOf(now).slice(0, 48 - took.length)}  ${took}`;
  };
  note(plain(`${job.operation} ${job.resource}`).slice(0, 79));
  note('Ctrl-C stops waiting; the job goes on.');
  single.start(100, 0, { words: words(job) });
  return {
    show: (now) => single.update(howFar(now), { words: words(now) }),
    showTrouble: () => single.update({ words: noAnswer }),
    end: () => single.stop(),
  };
}

function lines(job: Job): Screen {
  let last = '';
  note(plain(`${job.operation} ${job.resource} (job ${job.id})`));
  return {
    show(now) {
      const line = stateOf(now);
      if (line !== last) note(line);
      last = line;
    },
    showTrouble() {
      if (last !== noAnswer) note(noAnswer);
      last = noAnswer;
    },
    end: () => undefined,
  };
}

const stages: Partial<Record<Job['state'], number>> = { queued: 0, waiting: 10, running: 50 };

/** How much of a bar is full: AWS's own percentage where it tells one, else about where in its life the job is. */
export function howFar(job: Pick<Job, 'state' | 'progress'>): number {
  const stage = stages[job.state];
  return stage === undefined ? 100 : job.state === 'running' ? (percentOf(job) ?? stage) : stage;
}
