// Checks the running service at NEPTUNE_OPS_URL: whether it answers, and whether it is ready.
import type { Chapter } from './finding.ts';

const timeout = 5_000;

export async function checkService(into: Chapter, url: string | undefined): Promise<void> {
  if (!url) return into.untried('service', 'NEPTUNE_OPS_URL is not set');
  if (!URL.canParse(url))
    return into.wrong('service', 'NEPTUNE_OPS_URL is not a URL', 'Set it like http://127.0.0.1:3000');
  const { origin } = new URL(url);
  const address = `${url.replace(/\/+$/, '')}/readyz`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(timeout), redirect: 'manual' });
    const { status, reasons = [] } = (await answer.json()) as { status?: string; reasons?: readonly string[] };
    if (answer.ok && status === 'ready') return into.fine('service', `${origin} is ready`);
    if (status !== 'not-ready') throw new Error(`it answers ${answer.status}, but not as neptune-ops does`);
    for (const reason of reasons) into.wrong('service', `${origin} is not ready: ${reason}`, mendOf(reason));
  } catch (error) {
    const { cause, message, name } = error as Error & { cause?: { code?: string } };
    const why = name === 'TimeoutError' ? 'no answer within 5 s' : (cause?.code ?? message);
    into.wrong('service', `${origin}: ${why}`, 'Start it: neptune-ops start; or correct NEPTUNE_OPS_URL.');
  }
}

function mendOf(reason: string): string {
  if (/worker/i.test(reason)) return 'neptune-ops start worker';
  return 'The log of the service says more.';
}
