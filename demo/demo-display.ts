// Shows running jobs: a line with a bar for each on a terminal, one line per change elsewhere.
import { MultiBar, type SingleBar } from 'cli-progress';
import { stateOf } from '../src/cli/output.ts';
import { howFar } from '../src/cli/progress-display.ts';
import type { JobJson } from '../src/records/job-json.ts';

interface Shown {
  readonly title: string;
  readonly id: string;
  readonly operation: string;
}

interface Screen {
  show(job: JobJson): void;
  end(): void;
}

/** Fits 80 columns. */
export function showJobs(jobs: readonly Shown[]): Screen {
  return process.stdout.isTTY ? bars(jobs) : lines(jobs);
}

function bars(jobs: readonly Shown[]): Screen {
  const multi = new MultiBar(
    {
      format: '{title} {bar} {state}',
      barsize: 20,
      hideCursor: true,
      clearOnComplete: false,
      stopOnComplete: false,
      linewrap: false,
    },
    { format: '', barCompleteChar: '█', barIncompleteChar: '·' },
  );
  const shown = new Map<string, SingleBar>(
    jobs.map(({ id, title }) => [id, multi.create(100, 0, { title: title.padEnd(27), state: 'queued' })]),
  );
  return {
    show: (job) =>
      shown.get(job.id)?.update(howFar(job), { state: (job.outcome ? job.state : stateOf(job)).slice(0, 28) }),
    end: () => multi.stop(),
  };
}

function lines(jobs: readonly Shown[]): Screen {
  const last = new Map<string, string>();
  return {
    show(job) {
      const line = stateOf(job);
      if (last.get(job.id) === line) return;
      last.set(job.id, line);
      console.log(`${(jobs.find(({ id }) => id === job.id)?.title ?? job.id).padEnd(27)} ${line}`);
    },
    end: () => undefined,
  };
}
