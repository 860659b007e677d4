// A job's visit in one sentence, for its log on the board. Says what the record says, and nothing that a caller of the API
// could not read there too.
import type { JobRecord } from '../records/job.ts';
import type { Next } from './visit-context.ts';

/** The longest that is repeated of what AWS said, in letters. */
const longest = 300;

/** The lines that a visit adds; none where there is nothing to tell. `now` in milliseconds. */
export function storyOf(next: Next, { first, now }: { first: boolean; now: number }): string[] {
  if (next.next === 'gone') return [];
  if (next.next === 'in-line') return [`${clock(now)} Waits in line; the end of the turn before wakes it.`];
  const { job } = next;
  const { createdAt, deadline } = job;
  const accepted = `${clock(createdAt)} Accepted, to be ended by ${clock(deadline, createdAt)} (times are UTC).`;
  const what = next.next === 'again' ? visit(next, now) : ending(next, now);
  return [...(first ? [accepted] : []), `${clock(now, createdAt)} ${what}`];
}

/** How far the job is, in percent; nothing where that isn't known. */
export function percentOf(next: Next): number | undefined {
  if (next.next === 'gone' || next.next === 'in-line') return undefined;
  const { progress, state } = next.job;
  if (progress?.percent === undefined) return undefined;
  return state === 'succeeded' ? 100 : Math.round(progress.percent);
}

function visit({ job, at, asked }: Extract<Next, { next: 'again' }>, now: number): string {
  const what = asked ? `Asked AWS to ${job.operation}; AWS accepted.` : lookRecord(job);
  return `${what} ${job.trouble.faults > 0 && !asked ? 'Next try' : 'Next look'} at ${clock(at, now)}.`;
}

function lookRecord(job: JobRecord): string {
  const { trouble, phase, state, status, progress } = job;
  if (trouble.faults > 0) return `Met ${trouble.code}: ${sentence(trouble.message ?? '')}`;
  const percent = progress?.percent === undefined ? '' : `, ${Math.round(progress.percent)} %`;
  const says = status === undefined ? 'Nothing is seen yet.' : `AWS says “${status}”${percent}.`;
  const said = oneLine(job.reason);
  const reason = said === '' ? '' : ` ${sentence(said)}`;
  if (phase === 'settle') return `The answer of AWS was lost; looks for a sign of the change. ${says}`;
  return state === 'waiting' ? `Waits. ${says}${reason}` : says + reason;
}

function ending(next: Extract<Next, { next: 'over' | 'resting' }>, now: number): string {
  const { state, outcome } = next.job;
  const code = outcome?.code === undefined ? '' : ` (${outcome.code})`;
  const last = outcome?.reason ?? (outcome?.status === undefined ? '' : `AWS says “${outcome.status}”`);
  const told = `Ended: ${state}${code}.${last === '' ? '' : ` ${sentence(last)}`}`;
  if (next.next === 'over') return told;
  return `${told} Its resource still moves and keeps the turn. Next look at ${clock(next.at, now)}.`;
}

/** The time by UTC, without its date where that is known already. */
function clock(at: number, known?: number): string {
  const [date, time] = new Date(at).toISOString().slice(0, 19).split('T');
  return known !== undefined && new Date(known).toISOString().startsWith(`${date}`) ? `${time}` : `${date} ${time}`;
}

/** What others wrote, without line ends and what else a terminal or a reader could take for more than text. */
function oneLine(text = ''): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

function sentence(words: string): string {
  const text = oneLine(words);
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}
