// docs/first-hour.md, run: every command that it shows prints what it says. The document's first comment says how it is read.
// What it starts must start from nothing, and from the source, as it does for a reader.
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { built } from './support/built.ts';
import { Prompt, Terminal } from './support/terminal.ts';
import { type Step, Ports, patternOf, readTranscript } from './support/transcript.ts';

const file = 'docs/first-hour.md';
const document = readFileSync(file, 'utf8');
const sessions = readTranscript(document);

describe('the first hour', () => {
  it('goes as its document says', async () => {
    // No session needs another, and most of their time is waiting.
    const results = await Promise.allSettled(sessions.map(play));
    const troubles = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    expect(troubles.join('\n\n')).toBe('');
  });

  it('has commands, and something to show for most of them', () => {
    const steps = sessions.flat();
    expect(sessions.length).toBeGreaterThanOrEqual(2);
    expect(steps.filter((step) => step.kind === 'typed' && step.printed !== '').length).toBeGreaterThan(20);
  });

  it('links only to files that exist', () => {
    for (const [, link = ''] of document.matchAll(/\]\((?!http)([^)#]+)[^)]*\)/g)) {
      expect(() => readFileSync(join('docs', link)), link).not.toThrow();
    }
  });
});

describe('a transcript', () => {
  it('takes … for anything in a line, and a line of it for any lines', () => {
    const pattern = patternOf('job …, 1.5 s\n…\nend\n');
    expect('job 7, 1.5 s\nend\n').toMatch(pattern);
    expect('job 7, 1.5 s\na\nb\nend\n').toMatch(pattern);
    expect('job 7, 105 s\nend\n').not.toMatch(pattern);
    expect('job 7, 1.5 s\nend\nmore\n').not.toMatch(pattern);
  });

  it('learns its ports from what is printed', () => {
    const ports = new Ports();
    expect(ports.learn('up at 127.0.0.1:3000\n', 'down\n')).toBe(false);
    expect(ports.learn('up at 127.0.0.1:3000\n', 'up at 127.0.0.1:4711\n')).toBe(true);
    expect(ports.apply('curl 127.0.0.1:3000 127.0.0.1:1')).toBe('curl 127.0.0.1:4711 127.0.0.1:1');
  });
});

/** A session in a copy of the package, made of links, with a free port for everything that listens. */
async function play(steps: readonly Step[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'neptune-ops-first-hour-'));
  const env = surroundings(folder);
  const prompt = new Prompt({ cwd: folder, env });
  const terminals = new Map<string, Terminal>();
  const ports = new Ports();
  try {
    for (const step of steps) {
      const where = `${file}:${step.line}`;
      if (step.kind === 'ctrl-c') {
        await terminals.get(step.terminal)?.ctrlC();
      } else if (step.terminal === undefined) {
        const printed = await prompt.run(ports.apply(step.commands));
        if (!patternOf(ports.apply(step.printed)).test(printed)) {
          throw new Error(`${where} says that this is printed:\n${step.printed}\nbut this was:\n${printed}`);
        }
      } else {
        const terminal = new Terminal(step.commands, { cwd: folder, env });
        terminals.set(step.terminal, terminal);
        // More may follow: a log.
        await terminal.until((printed) => ports.learn(`${step.printed}…\n`, printed));
        const door = ports.real('3000');
        if (door !== undefined) await prompt.run(`export NEPTUNE_OPS_URL=http://127.0.0.1:${door}\n`);
      }
    }
    expect(
      [...terminals].filter(([, terminal]) => !terminal.ended).map(([name]) => name),
      'what is still up at the end',
    ).toEqual([]);
  } finally {
    await Promise.all([prompt, ...terminals.values()].map((shell) => shell.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function surroundings(folder: string): Record<string, string | undefined> {
  for (const name of ['package.json', 'tsconfig.json', 'node_modules', 'bin', 'src', 'emulator', 'demo']) {
    symlinkSync(resolve(name), join(folder, name));
  }
  // npx without the time that npm itself takes to start, and the command as after `npm run build`.
  const npx = join(folder, 'npx');
  writeFileSync(npx, `#!/bin/sh\nshift\nexec node '${built('src/cli/main.ts')}' "$@"\n`);
  chmodSync(npx, 0o755);
  return {
    PATH: `${folder}:${process.env.PATH}`,
    HOME: folder,
    // Where tsx keeps what it has translated already.
    TMPDIR: process.env.TMPDIR,
    npm_config_update_notifier: 'false',
    PORT: '0',
    LOCAL_NEPTUNE_PORT: '0',
    LOCAL_GRAPH_PORT: '0',
    LOCAL_SQS_PORT: '0',
    LOCAL_CONTROL_PORT: '0',
    LOCAL_DATA_PLANE_PORT: '0',
  };
}
