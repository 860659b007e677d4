// The filter of the schedules page, as it is in the page's address.
export interface PageFilter {
  readonly schedule?: string | undefined;
  readonly find?: string | undefined;
  readonly page: number;
  readonly month?: string | undefined;
}

export type LinkTo = (more: Partial<PageFilter>) => string;

/** Makes addresses of the page with other filters. They lead to its first page unless they name one. */
export function linkFrom(filter: PageFilter): LinkTo {
  return (more) => addressOf({ ...filter, page: 1, ...more });
}

function addressOf({ schedule, find, page, month }: PageFilter): string {
  const given = { schedule, find, page: page > 1 ? String(page) : undefined, month };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value);
  return query.size > 0 ? `schedules?${query}` : 'schedules';
}
