// Parses the parameters of the management API's query protocol, as strictly as its documentation.
import { cutPage } from '../paging.ts';
import { refusal } from '../refusal.ts';

/** Form parameters by their flat names, e.g. `Filters.Filter.1.Name`. */
export type Parameters = Readonly<Record<string, string>>;

const IDENTIFIER = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

function invalid(message: string): Error {
  return refusal('neptune', 'InvalidParameterValue', message);
}

/** A mandatory, non-empty parameter. */
export function required(input: Parameters, name: string): string {
  const value = input[name];
  if (value) return value;
  throw refusal('neptune', 'MissingParameter', `The request must contain the parameter ${name}.`);
}

/** An identifier, in lower case as it is stored. */
export function identifierIn(input: Parameters, name: string): string {
  const value = required(input, name).toLowerCase();
  if (value.length <= 63 && IDENTIFIER.test(value)) return value;
  throw invalid(
    `The parameter ${name} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII ` +
      'letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
  );
}

/** The members `Prefix.1`, `Prefix.2`, … of a list. */
function listIn(input: Parameters, prefix: string, member = ''): string[] {
  const values: string[] = [];
  for (let i = 1; ; i += 1) {
    const value = input[`${prefix}.${i}${member}`];
    if (value === undefined) return values;
    values.push(value);
  }
}

/** The filters by name. Throws for an unknown name or an empty filter. */
export function filtersOf(input: Parameters, known: readonly string[]) {
  const prefix = 'Filters.Filter';
  const filters = listIn(input, prefix, '.Name').map((name, i) => {
    if (!known.includes(name)) throw invalid(`Unrecognized filter name: ${name}`);
    const values = listIn(input, `${prefix}.${i + 1}.Values.Value`);
    if (values.length === 0) throw invalid(`The filter ${name} has no values.`);
    return { name, values };
  });
  return {
    given: filters.length > 0,
    /** The clusters that a `db-cluster-id` filter names; `undefined` without one. */
    identifiers: filters
      .find(({ name }) => name === 'db-cluster-id')
      ?.values.map((value) => value.slice(value.lastIndexOf(':') + 1)),
    meet: (row: { ids: readonly string[]; engine: string }): boolean =>
      filters.every(({ name, values }) =>
        name === 'engine' ? values.includes(row.engine) : row.ids.some((id) => values.includes(id)),
      ),
  };
}

/** The identifier, if the only filter is a `db-cluster-id` with one value. */
export function onlyClusterFiltered(input: Parameters): string | undefined {
  const prefix = 'Filters.Filter';
  const index = listIn(input, prefix, '.Name').indexOf('db-cluster-id') + 1;
  const values = listIn(input, `${prefix}.${index}.Values.Value`);
  return values.length === 1 && !values[0]?.startsWith('arn:') ? values[0] : undefined;
}

/** The tags of a new resource, at most 50. */
export function tagsOf(input: Parameters): Record<string, string> {
  const keys = listIn(input, 'Tags.Tag', '.Key');
  if (keys.length > 50) throw invalid('A resource has at most 50 tags.');
  return Object.fromEntries(keys.map((key, i) => [key, input[`Tags.Tag.${i + 1}.Value`] ?? '']));
}

/** The page that MaxRecords (20 to 100, default 100) and Marker ask for. */
export function pageRequestOf<T extends { serial: number }>(
  input: Parameters,
  items: Iterable<T>,
  keeps: (item: T) => boolean,
) {
  const { MaxRecords: records = '100', Marker: marker } = input;
  const limit = /^\d+$/.test(records) ? Number(records) : Number.NaN;
  if (!(limit >= 20 && limit <= 100)) {
    throw invalid(`Invalid value ${records} for MaxRecords. Must be between 20 and 100`);
  }
  const page = cutPage(items, { limit, token: marker || undefined, keeps });
  if (page === undefined) throw invalid('Marker is not valid.');
  return page;
}
