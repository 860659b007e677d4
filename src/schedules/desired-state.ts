// Decides what state a resource should be in now, and why. The first that applies wins: a keep-on, a pause, a manual
// change, the calendar. Pure: the reconciler, the page and the commands use the same function.
import type { Calendar } from './calendar/calendar.ts';
import { formatWallTime } from './calendar/format-wall-time.ts';
import type { KeepOn, Pause } from './exceptions.ts';
import type { RunningSchedule } from './schedule.ts';
import type { ManagedResource } from './managed-resource.ts';

/** `left`: the reconciler does nothing. `until`: when this changes without anybody's doing, in milliseconds. */
export interface DesiredState {
  readonly should: 'running' | 'stopped' | 'left';
  readonly why: string;
  readonly until?: number;
}

interface DesiredStateInput {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly schedule: RunningSchedule | undefined;
  readonly calendar: Calendar | undefined;
  /** The names of the schedules of equal priority that apply. */
  readonly contradiction?: readonly string[];
  readonly keepOn: KeepOn | undefined;
  readonly pause: Pause | undefined;
}

export function desiredState(
  managed: Pick<ManagedResource, 'condition' | 'byHand'>,
  circumstances: DesiredStateInput,
): DesiredState {
  const { now, schedule, calendar, contradiction = [], keepOn, pause } = circumstances;
  if (managed.condition === 'gone' || managed.condition === 'lost')
    return { should: 'left', why: 'it does not exist any more, or is broken for good' };
  if (contradiction.length > 0)
    return {
      should: 'left',
      why: `schedules of equal priority apply: ${contradiction.join(', ')}; give one a higher priority`,
    };
  if (schedule === undefined || calendar === undefined) return { should: 'left', why: 'no schedule applies' };
  const at = (time: number) => formatWallTime(time, schedule.timeZone);
  if (keepOn && now < keepOn.until && now >= (keepOn.from ?? keepOn.since)) {
    const why = `kept on until ${at(keepOn.until)} by ${keepOn.by}: ${keepOn.reason}`;
    return { should: 'running', why, until: keepOn.until };
  }
  if (pause && now < (pause.until ?? Infinity)) {
    const end = pause.until === undefined ? '' : ` until ${at(pause.until)}`;
    const why = `${schedule.name} is paused${end} by ${pause.by}: ${pause.reason}`;
    return { should: 'left', why, ...(pause.until === undefined ? {} : { until: pause.until }) };
  }
  const next = calendar.nextChange(now);
  const { byHand } = managed;
  if (schedule.policy === 'respect-manual' && byHand && now < byHand.until) {
    const why = `somebody ${byHand.did} it at ${at(byHand.seenAt)}; that holds until ${at(byHand.until)}`;
    return { should: 'left', why, until: byHand.until };
  }
  const running = calendar.shouldRun(now);
  const why = `${schedule.name} says ${running ? 'running' : 'stopped'}${next ? ` until ${at(next.at)}` : ''}`;
  return { should: running ? 'running' : 'stopped', why, ...(next ? { until: next.at } : {}) };
}
