// What is wrong with the setting up, and how to mend it: a list for people, `--json` for scripts.
import type { Command } from 'commander';
import type { Finding, Verdict } from '../doctor/finding.ts';
import { exitCodes } from './exit-codes.ts';
import { answer, answerJson, examples, note, wrap } from './output.ts';

const help = `
✓ is right, ✗ is wrong, – was not tried. Nothing is changed, in AWS or in the
store. Ends with 0 when nothing is wrong, else with 1.
`;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Look at settings, store, AWS and clocks; say what is wrong and how to mend it.')
    .helpGroup('Running it:')
    .option('--json', 'as { "wrong", "findings" } on standard output')
    .addHelpText('after', help + examples('neptune-ops doctor', 'NEPTUNE_OPS_CONFIG_FILE=prod.env neptune-ops doctor'))
    .action(async ({ json }: { json?: boolean }) => {
      process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
      // Loaded only here: it brings the SDK and the drivers of the stores with it.
      const { examineAll } = await import('../doctor/doctor.ts');
      const findings = await examineAll({ environment: process.env });
      const wrong = findings.filter(({ verdict }) => verdict === 'wrong').length;
      if (wrong > 0) process.exitCode = exitCodes.failed;
      if (json) return answerJson({ wrong, findings });
      answer(textOf(findings));
      note(wrong === 0 ? '\nNothing is wrong.' : `\n${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong.`);
    });
}

const signs: Record<Verdict, string> = { fine: '✓', wrong: '✗', untried: '–' };
/** Where what was found begins, in columns; longer names have a line of their own. */
const column = 24;

/** Fits 80 columns. */
export function textOf(findings: readonly Finding[]): string {
  let about = '';
  const lines: string[] = [];
  for (const finding of findings) {
    if (finding.about !== about) lines.push(...(about === '' ? [] : ['']), wrap(finding.about));
    about = finding.about;
    lines.push(lineOf(finding));
    if (finding.mend !== undefined) lines.push(`    Mend it: ${wrap(finding.mend, 13)}`);
  }
  return lines.join('\n');
}

function lineOf({ what, verdict, says }: Finding): string {
  const head = `  ${signs[verdict]} ${what}`;
  // What is wrong stands below, with what mends it.
  if (verdict === 'wrong') return `${head}\n    ${wrap(says, 4)}`;
  return head.length < column
    ? head.padEnd(column) + wrap(says, column)
    : `${head}\n${' '.repeat(column)}${wrap(says, column)}`;
}
