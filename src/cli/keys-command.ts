// `neptune-ops keys`: creates and lists API keys in the operator's file. Only this command shows a key, and only once.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { ApiKey } from '../api/auth/api-keys.ts';
import { UsageError } from './exit-codes.ts';
import { answer, answerJson, examples, fields, note } from './output.ts';

interface CreateOptions {
  readonly name: string;
  readonly scopes: string[];
  readonly targets: string[];
  readonly resources: string[];
  readonly file?: string;
  readonly json?: boolean;
}

const parts = (text: string) => text.split(',').map((part) => part.trim());
const reach = (flags: string, description: string) =>
  new Option(flags, description).argParser(parts).default(['*'], '*');

export function addKeysCommand(program: Command): void {
  const keys = program.command('keys').description('Make and list API keys.').helpGroup('Running it:');

  keys
    .command('create')
    .description('Make a key. It is shown once; the service stores only its digest.')
    .requiredOption('--name <name>', 'who uses it')
    .requiredOption(
      '--scopes <scopes>',
      'read, cancel, events, hold, schedules, metrics, operation:<name>, operation:*',
      parts,
    )
    .addOption(reach('--targets <names>', 'targets it reaches; * stands for any letters'))
    .addOption(reach('--resources <names>', 'resources it reaches, like db-cluster/dev-*'))
    .option('--file <file>', 'add its entry to this file (made with mode 0600)')
    .option('--json', 'as { "key", "entry" } on standard output')
    .addHelpText(
      'after',
      examples(
        'neptune-ops keys create --name pipeline --file keys.json \\',
        '  --scopes read,cancel,operation:watch-import-task',
        "neptune-ops keys create --name nights --scopes 'operation:*' \\",
        "  --resources 'db-cluster/dev-*'",
      ),
    )
    .action(async ({ file, json, name, scopes, targets, resources }: CreateOptions) => {
      const { createKey } = await loadKeys();
      const { key, entry } = createKey({ name, scopes, targets, resources });
      await checked([entry]);
      if (file !== undefined) writeKeys(file, [...(existsSync(file) ? await readKeys(file) : []), entry]);
      if (json) return answerJson({ key, entry });
      note('The key, shown this once. Give it to its user only:');
      answer(key);
      if (file !== undefined) return note(`Its entry was added to ${file}.`);
      note('Its entry, for the list of keys:');
      answer(JSON.stringify(entry));
    });

  keys
    .command('list')
    .description('List the keys of a file, and what each may do.')
    .requiredOption('--file <file>', 'the file')
    .option('--json', 'as { "keys" } on standard output')
    .addHelpText('after', examples('neptune-ops keys list --file keys.json'))
    .action(async ({ file, json }: { file: string; json?: boolean }) => {
      const entries = (await readKeys(file)).map(({ sha256: _sha256, ...entry }) => entry);
      if (json) return answerJson({ keys: entries });
      const shown = entries.map(({ id, name, scopes, targets, resources }) =>
        fields({ id, name, scopes: scopes.join(', '), targets: targets.join(', '), resources: resources.join(', ') }),
      );
      if (shown.length === 0) note(`There is no key in ${file}.`);
      else answer(shown.join('\n\n'));
    });
}

/** Loaded only where a key is made or read: it brings the registry of operations with it. */
const loadKeys = () => import('../api/auth/api-keys.ts');

async function checked(entries: readonly ApiKey[]): Promise<void> {
  const { parseKeys } = await loadKeys();
  try {
    parseKeys(JSON.stringify(entries));
  } catch (error) {
    throw new UsageError(`The key would not be right: ${(error as Error).message}`);
  }
}

async function readKeys(file: string): Promise<ApiKey[]> {
  const { parseKeys } = await loadKeys();
  try {
    return parseKeys(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${file} ${code ? `can’t be read: ${code}` : `is not right: ${message}`}`);
  }
}

/** Replaces the file in one step, so that the service never reads half of it. */
function writeKeys(file: string, entries: readonly ApiKey[]): void {
  const place = existsSync(file) ? realpathSync(file) : file;
  const draft = `${place}.${randomUUID()}`;
  try {
    writeFileSync(draft, `${JSON.stringify(entries, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new UsageError(`${file} can’t be written: ${(error as NodeJS.ErrnoException).code}`);
  }
}
