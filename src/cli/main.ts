// The command `neptune-ops`. Its exit code says how it ended; see --help.
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

// The reader of the output may stop early: neptune-ops jobs list | head -1
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

let json = false;
const program = (await createProgram(process.argv[2] ?? '')).hook('preAction', (_program, command) => {
  json = command.opts<{ json?: boolean }>().json === true;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error, json);
}
