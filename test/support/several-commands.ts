// A process for a test: runs the command's main file once for each line of JSON arguments, and prints how each ended.
// It replaces nothing that the command does itself.
import type { Ended } from './command.ts';

const lines = JSON.parse(process.argv[2] ?? '[]') as (readonly string[])[];
const print = process.stdout.write.bind(process.stdout);
const main = new URL('../../src/cli/main.js', import.meta.url).href;
// The main file adds listeners each time it runs.
for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(lines.length + 10);

const ended: Ended[] = [];
for (const [number, line] of lines.entries()) {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (text: string | Uint8Array) => ((written[name] += String(text)), true);
  }
  process.argv.splice(2, Infinity, ...line);
  process.exitCode = undefined;
  // Another query makes it another module, which runs again.
  await import(`${main}?${number}`);
  ended.push({ code: Number(process.exitCode ?? 0), ...written });
}
process.exitCode = 0;
print(JSON.stringify(ended));
