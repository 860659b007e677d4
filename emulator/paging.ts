// Pages of resources in order of creation. A page's token is opaque and survives deletions.

/** At most `limit` items after the token; `next` is set if more follow. `undefined` for an invalid token. */
export function cutPage<T extends { serial: number }>(
  items: Iterable<T>,
  given: { limit: number; token: string | undefined; keeps: (item: T) => boolean },
): { items: T[]; next: string | undefined } | undefined {
  const after = given.token === undefined ? 0 : readToken(given.token);
  if (after === undefined) return undefined;
  const page: T[] = [];
  for (const item of items) {
    if (item.serial <= after || !given.keeps(item)) continue;
    const last = page.at(-1);
    if (page.length === given.limit && last) return { items: page, next: writeToken(last.serial) };
    page.push(item);
  }
  return { items: page, next: undefined };
}

/** `zeros` in front make another token for the same place. */
export function writeToken(serial: number, zeros = 0): string {
  return Buffer.from(`after:${'0'.repeat(zeros)}${serial}`).toString('base64');
}

function readToken(token: string): number | undefined {
  const match = /^after:(\d+)$/.exec(Buffer.from(token, 'base64').toString('utf8'));
  return match ? Number(match[1]) : undefined;
}
