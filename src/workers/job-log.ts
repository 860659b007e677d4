// Writes what a visit found into the job's log on the board: one sentence a visit, of nothing that the API doesn't show too.
import { type EndedJob, type JobRecord, ended } from '../records/job.ts';
import { percentOf } from '../records/job-json.ts';
import type { Visited } from './lifecycle.ts';

/** The longest that is repeated of what AWS said, in letters. */
const longest = 300;

/** The lines that a visit adds; `first`: it is the job's first visit. `now` in milliseconds. */
export function logLines({ job, effect }: Visited, { first, now }: { first: boolean; now: number }): string[] {
  if (job.phase === 'line') return [`${clock(now)} Waits in line; the end of the turn before wakes it.`];
  const { createdAt, deadline, by } = job;
  const asker = by === undefined ? '' : ` Asked for by ${by}.`;
  const accepted = `${clock(createdAt)} Accepted, to be ended by ${clock(deadline, createdAt)} (times are UTC).${asker}`;
  const end = ended(job);
  const line = end ? describeEnd(end, now) : describeVisit(job, effect, now);
  return [...(first ? [accepted] : []), `${clock(now, createdAt)} ${line}`];
}

function describeVisit(job: JobRecord, effect: Visited['effect'], now: number): string {
  if (effect.do !== 'look-again') return describeLook(job);
  const { at, asked } = effect;
  const what = asked ? `Asked AWS to ${job.operation}; AWS accepted.` : describeLook(job);
  return `${what} ${job.trouble.faults > 0 && !asked ? 'Next try' : 'Next look'} at ${clock(at, now)}.`;
}

function describeLook(job: JobRecord): string {
  const { trouble, phase, state, status } = job;
  if (trouble.faults > 0) return `Met ${trouble.code}: ${sentence(trouble.message ?? '')}`;
  const percent = percentOf(job);
  const far = percent === undefined ? '' : `, ${percent} %`;
  const says = status === undefined ? 'Nothing is seen yet.' : `AWS says “${status}”${far}.`;
  const said = oneLine(job.reason);
  const reason = said === '' ? '' : ` ${sentence(said)}`;
  if (phase === 'settle') return `The answer of AWS was lost; looks for a sign of the change. ${says}`;
  return state === 'waiting' ? `Waits. ${says}${reason}` : says + reason;
}

function describeEnd(job: EndedJob, now: number): string {
  const { code, reason, status } = job.outcome;
  const last = reason ?? (status === undefined ? '' : `AWS says “${status}”`);
  const told = `Ended: ${job.state}${code === undefined ? '' : ` (${code})`}.${last === '' ? '' : ` ${sentence(last)}`}`;
  if (job.phase === 'over') return told;
  return `${told} Its resource still moves and keeps the turn. Next look at ${clock(job.dueAt, now)}.`;
}

/** The time by UTC, without its date where that is known already. */
function clock(at: number, known?: number): string {
  const [date, time] = new Date(at).toISOString().slice(0, 19).split('T');
  return known !== undefined && new Date(known).toISOString().startsWith(`${date}`) ? `${time}` : `${date} ${time}`;
}

/** Text of others without line ends and control characters, which a terminal or a reader could take for more than text. */
function oneLine(text = ''): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

function sentence(words: string): string {
  const text = oneLine(words);
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}
