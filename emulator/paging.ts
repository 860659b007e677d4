// Pages of things kept in order of creation. A page's token is opaque and survives deletions.

/** Items after the token's place, at most `limit`; `next` is there if more follow. Undefined: not one of our tokens. */
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
