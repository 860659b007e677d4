// Lets one process at a time use a folder, by a file that holds its pid. A dead process' lock is taken over, also after
// kill -9; a living one's never. Two cases are not told apart: containers that share a volume but not their pids, and,
// without /proc, a pid that another program has got since.

import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makePrivate } from './private-folder.ts';

const FILE = 'owner.pid';
/** Time for another process that read the same dead lock to write its own; milliseconds. */
const SETTLE_MS = 100;

const held = new Set<string>();

/** The living process `pid` has the folder. */
class FolderInUseError extends Error {
  readonly folder: string;
  readonly pid: number;

  constructor(folder: string, pid: number) {
    const owner = pid === process.pid ? `this process (pid ${pid})` : `the process with pid ${pid}`;
    super(
      `The data folder ${folder} is in use by ${owner}. Stop that process, or choose another folder. ` +
        `If it isn't this service, delete ${join(folder, FILE)}.`,
    );
    this.name = 'FolderInUseError';
    this.folder = folder;
    this.pid = pid;
  }
}

/** Takes a folder, made if need be and kept from other users, and answers how to give it back. Rejects with `FolderInUseError`. */
export async function lockFolder(path: string): Promise<() => void> {
  makePrivate(path);
  const folder = realpathSync(path);
  const file = join(folder, FILE);
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}`;

  const owner = ownerIn(file);
  if (held.has(folder)) throw new FolderInUseError(folder, process.pid);
  if (owner !== undefined && isAlive(owner)) throw new FolderInUseError(folder, pidOf(owner));

  // The rename replaces a dead process' file in one step. When two processes do so at once, the later file stays, and
  // the earlier process sees that after a moment.
  held.add(folder);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, mine);
  renameSync(draft, file);
  await pause(SETTLE_MS);
  const winner = ownerIn(file) ?? '';
  if (winner !== mine) {
    held.delete(folder);
    throw new FolderInUseError(folder, pidOf(winner));
  }
  return () => {
    if (ownerIn(file) === mine) rmSync(file, { force: true });
    held.delete(folder);
  };
}

/** The pid of the living process that has the folder. It doesn't lock anything. */
export function livingOwnerOf(path: string): number | undefined {
  const owner = ownerIn(join(path, FILE));
  return owner !== undefined && isAlive(owner) ? pidOf(owner) : undefined;
}

function isAlive(owner: string): boolean {
  const pid = pidOf(owner);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startOf(pid);
  // Without /proc a file with this process' pid is left from a dead process: `held` has caught a second opening
  // already.
  return started === undefined ? pid !== process.pid : owner === `${pid} ${started}`;
}

/**
 * When a process started, in the kernel's ticks since boot. Pid and start together identify one process. Linux only.
 */
function startOf(pid: number): string | undefined {
  try {
    // The program's name is in brackets and may contain spaces. The state follows it, and the start is the twentieth
    // field.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? 'ended' : fields[19];
  } catch {
    return undefined;
  }
}

function ownerIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function pidOf(owner: string): number {
  return Number(owner.split(' ')[0]);
}
