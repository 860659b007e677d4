// Shows a job's progress on standard error: a bar on a terminal, one line per change elsewhere.
import { SingleBar } from 'cli-progress';
import type { Job } from '../client/job.ts';
import { note, percentIn, plain, seconds, stateOf } from './output.ts';

export interface Screen {
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

/** AWS's percentage, or else a rough one from the job's state. */
function howFar({ state, progress }: Job): number {
  const stage = stages[state];
  return stage === undefined ? 100 : state === 'running' ? (percentIn(progress) ?? stage) : stage;
}
