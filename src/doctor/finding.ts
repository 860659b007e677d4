// The doctor's findings, and a runner that keeps a failing check from stopping the others.
import { withoutSecrets } from '../redact.ts';

/** `fine`, `wrong`, or `untried`: not checked, for the given reason. */
export type FindingLevel = 'fine' | 'wrong' | 'untried';

export interface Finding {
  /** The heading: `Redis`, `AWS, target prod`. */
  readonly about: string;
  readonly what: string;
  readonly verdict: FindingLevel;
  /** What was found, or why it wasn't checked. */
  readonly says: string;
  /** For a problem: the command or setting that mends it. */
  readonly mend?: string;
}

/** The findings under one heading. */
export interface Chapter {
  fine(what: string, says: string): void;
  wrong(what: string, says: string, mend: string): void;
  untried(what: string, says: string): void;
  readonly findings: readonly Finding[];
}

function chapter(about: string): Chapter {
  const findings: Finding[] = [];
  const add = (what: string, verdict: FindingLevel, says: string, mend?: string) => {
    const clean = { about, what, verdict, says: withoutSecrets(says) };
    findings.push(mend === undefined ? clean : { ...clean, mend: withoutSecrets(mend) });
  };
  return {
    findings,
    fine: (what, says) => add(what, 'fine', says),
    wrong: (what, says, mend) => add(what, 'wrong', says, mend),
    untried: (what, says) => add(what, 'untried', says),
  };
}

/** Runs a check and returns its findings. An error of the doctor itself becomes a finding. */
export async function examine(about: string, look: (into: Chapter) => unknown): Promise<readonly Finding[]> {
  const into = chapter(about);
  try {
    await look(into);
  } catch (error) {
    const { name, message } = error as Error;
    into.wrong('this check', `it broke off: ${name}: ${message}`, 'This is an error of neptune-ops; please report it.');
  }
  return into.findings;
}
