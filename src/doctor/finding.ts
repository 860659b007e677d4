// What the doctor found: the words for it, and running checks so that none can take the others with it.
import { withoutSecrets } from '../redact.ts';

/** `fine`, `wrong`, or `untried`: not looked at, for the reason given. */
export type FindingLevel = 'fine' | 'wrong' | 'untried';

export interface Finding {
  /** Under which heading it stands: `Redis`, `AWS, target prod`. */
  readonly about: string;
  readonly what: string;
  readonly verdict: FindingLevel;
  /** What was found, or why it wasn't looked at. */
  readonly says: string;
  /** Of what is wrong: a command or a setting that mends it. */
  readonly mend?: string;
}

/** Findings under one heading. */
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

/** The findings of a chapter; an error of the doctor's own is one of them. */
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
