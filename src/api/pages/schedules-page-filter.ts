// What of the page of schedules is shown, as it stands in the page's address.
export interface PageFilter {
  readonly schedule?: string | undefined;
  readonly find?: string | undefined;
  readonly page: number;
  readonly month?: string | undefined;
}

export type LinkTo = (more: Partial<PageFilter>) => string;

/** Addresses of the page with something else shown; from its first page, unless one is said. */
export function linkFrom(filter: PageFilter): LinkTo {
  return (more) => addressOf({ ...filter, page: 1, ...more });
}

function addressOf({ schedule, find, page, month }: PageFilter): string {
  const given = { schedule, find, page: page > 1 ? String(page) : undefined, month };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value);
  return query.size > 0 ? `schedules?${query}` : 'schedules';
}
