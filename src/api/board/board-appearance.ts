// Changes Bull Board's page: its buttons say what they do here, and actions that are refused are hidden. This is
// appearance only; board.ts enforces it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The page's file of texts, below its static files. */
export const wordsFile = 'locales/en-US/messages.json';

/** The texts that replace Bull Board's, by their path in its file. */
export const ownWords: Readonly<Record<string, string>> = {
  'JOB.ACTIONS.PROMOTE': 'Look now',
  'JOB.ACTIONS.RETRY': 'Once more, as a new job',
  'JOB.ACTIONS.CLEAN': 'Cancel',
  'JOB.ACTIONS.CONFIRM.PROMOTE': 'Look at this job now, before its time?',
  'JOB.ACTIONS.CONFIRM.RETRY': 'Repeat this job? It becomes a new job.',
  'JOB.ACTIONS.CONFIRM.CLEAN': 'Cancel this job? A change that AWS was asked for goes on.',
  'JOB.WILL_RUN_AT': 'Next look at',
  'JOB.DELAYED_FOR': 'after',
  'JOB.PROCESS_STARTED_AT': 'Last look at',
};

/** Bull Board's texts with the replaced ones. */
export function boardTexts(): object {
  const folder = createRequire(import.meta.url)
    .resolve('@bull-board/ui/package.json')
    .replace('package.json', '');
  const words = JSON.parse(readFileSync(`${folder}dist/static/${wordsFile}`, 'utf8')) as Tree;
  for (const [path, word] of Object.entries(ownWords)) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    const place = names.reduce<Tree>((tree, name) => (tree[name] ??= {}) as Tree, words);
    place[last] = word;
  }
  return words;
}

interface Tree {
  [name: string]: Tree | string;
}

interface ShownJob {
  readonly timestamp: number;
  readonly processedOn?: number | null;
  readonly delay?: number;
  readonly opts: object;
}

/**
 * The page counts a job's delay from when it was added. For a job that was put back, it should count from its last
 * visit.
 */
export function withNextLook<Shown extends ShownJob>(job: Shown): Shown {
  if (!job.delay || !job.processedOn) return job;
  const delay = job.processedOn + job.delay - job.timestamp;
  return { ...job, delay, opts: { ...job.opts, delay } };
}

/** Hides the buttons that are always refused: those for whole queues, and those that edit a queue's job. */
export const boardStyle = `
button[class*='trigger']:has(> .lucide-ellipsis-vertical),
ul[class*='queueActions'],
ul[class*='jobActions'] li:has(.lucide-pencil, .lucide-files, .lucide-clock, .lucide-arrow-up-down, .lucide-list-ordered) {
  display: none;
}
`;

/** The page's configuration. `signIn`: people sign in here, so the page offers to sign out. */
export function boardConfig(signIn: boolean, basePath: string) {
  const fonts = { 'font-sans': 'system-ui, sans-serif', 'font-mono': 'ui-monospace, monospace' };
  return {
    boardTitle: 'neptune-ops',
    locale: { lng: 'en-US' },
    // Bull Board's documentation is on another host.
    hideDocsLink: true,
    miscLinks: [
      { text: 'Schedules', url: `${basePath}/schedules` },
      { text: 'API documents', url: `${basePath}/docs` },
      ...(signIn ? [{ text: 'Sign out', url: `${basePath}/sign-out` }] : []),
    ],
    theme: { light: fonts, dark: fonts },
  };
}

/** The page without its external font, and with our style. */
export function ownPage(html: string, base: string): string {
  return html
    .replace(/<link\b[^>]*\bhref="https?:[^>]*>/g, '')
    .replace('</head>', `<link href="${base}/own.css" rel="stylesheet"></head>`);
}
