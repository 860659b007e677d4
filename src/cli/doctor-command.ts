// `neptune-ops doctor`: prints the findings as a list, or with `--json` for scripts.
import type { Command } from 'commander';
import type { Finding, FindingLevel } from '../doctor/finding.ts';
import { exitCodes } from './exit-codes.ts';
import { answer, answerJson, examples, note, wrap } from './output.ts';

const help = `
✓ is right, ✗ is wrong, – was not tried. Nothing is changed, in AWS or in the
store. Ends with 0 when nothing is wrong, else with 1.
`;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Check settings, store, AWS and clocks; say what is wrong and how to mend it.')
    .helpGroup('Running it:')
    .option('--json', 'as { "wrong", "findings" } on standard output')
    .addHelpText('after', help + examples('neptune-ops doctor', 'NEPTUNE_OPS_CONFIG_FILE=prod.env neptune-ops doctor'))
    .action(async ({ json }: { json?: boolean }) => {
      process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
      // Loaded only here, because it loads the SDK and the stores' drivers.
      const { examineAll } = await import('../doctor/doctor.ts');
      const { adoptConfigFile, adoptRegion } = await import('../config.ts');
      adoptConfigFile(process.env);
      await adoptRegion(process.env);
      const findings = await examineAll({ environment: process.env });
      const wrong = findings.filter(({ verdict }) => verdict === 'wrong').length;
      if (wrong > 0) process.exitCode = exitCodes.failed;
      if (json) return answerJson({ wrong, findings });
      answer(textOf(findings));
      note(wrong === 0 ? '\nNothing is wrong.' : `\n${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong.`);
    });
}

const signs: Record<FindingLevel, string> = { fine: '✓', wrong: '✗', untried: '–' };
/** The second column begins here at the latest. */
const latestColumn = 38;

/** The findings in at most 80 columns. */
export function textOf(findings: readonly Finding[]): string {
  const chapters = [...new Set(findings.map(({ about }) => about))];
  return chapters
    .map((about) => {
      const own = findings.filter((finding) => finding.about === about);
      const longest = Math.max(...own.map((finding) => (finding.verdict === 'wrong' ? 0 : headOf(finding).length)));
      const column = Math.min(latestColumn, longest + 2);
      return [wrap(about), ...own.map((finding) => linesOf(finding, column))].join('\n');
    })
    .join('\n\n');
}

const headOf = ({ what, verdict }: Finding) => `  ${signs[verdict]} ${what}`;

function linesOf(finding: Finding, column: number): string {
  const { verdict, says, mend = '' } = finding;
  const head = headOf(finding);
  // A problem gets its own lines, with its remedy.
  if (verdict === 'wrong') return `${head}\n    ${wrap(says, 4)}\n    Mend it: ${wrap(mend, 13)}`;
  const text = wrap(says, column);
  return head.length < column ? head.padEnd(column) + text : `${head}\n${' '.repeat(column)}${text}`;
}
