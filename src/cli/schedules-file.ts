// Reads a schedules file for a command, without a service.
import { readFileSync } from 'node:fs';
import { type PreviewAnswer, previewAnswer } from '../api/schedules/schedule-preview.ts';
import { type ReadPlan, readPlan } from '../schedules/file/schedule-file.ts';
import type { FileFinding, SchedulePlan } from '../schedules/schedule.ts';
import { findingLines } from '../schedules/file/watched-plan.ts';
import { readYaml } from '../schedules/file/yaml-positions.ts';
import { UsageError } from './exit-codes.ts';

export { findingLines as linesOf };

/** `targets` are those besides `default`. Without it, every target that the file names counts as known. */
export function readFile(file: string, targets?: readonly string[]): ReadPlan {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} can’t be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  const names = new Set(['default', ...(targets ?? namedIn(text))]);
  return readPlan(text, { targets: [...names].map((name) => ({ name })) });
}

/** The file's plan. Throws a `UsageError` with its mistakes. */
export function planFrom(file: string): SchedulePlan {
  const { plan, findings } = readFile(file);
  if (plan) return plan;
  throw new UsageError(`${file} is not right:\n${errorsOf(file, findings)}`);
}

/** A preview from now on. Throws a `UsageError` when the file has no such schedule. */
export function previewOf({ schedules }: SchedulePlan, name: string, file: string, days: number): PreviewAnswer {
  const schedule = schedules.find((each) => each.name === name);
  if (schedule) return previewAnswer(schedule, Date.now(), days);
  throw new UsageError(`${file} has no schedule “${name}”. It has: ${schedules.map((each) => each.name).join(', ')}.`);
}

function errorsOf(file: string, findings: readonly FileFinding[]): string {
  const errors = findings.filter(({ level }) => level === 'error');
  return findingLines(file, errors).join('\n');
}

/** Every target that the file names, valid or not. */
function namedIn(text: string): string[] {
  const named: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'target' && typeof inner === 'string' && inner !== '*') named.push(inner);
      else if (key !== 'input') look(inner);
    }
  };
  look(readYaml(text).value);
  return named;
}
