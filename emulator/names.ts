// Names in the simulated account: ids, ARNs, and the resource names in the journal and in rules.
import { randomBytes } from 'node:crypto';

/** The account id in every ARN and queue URL. */
export const ACCOUNT = '000000000000';

export const resourceName = {
  cluster: (identifier: string) => `db-cluster/${identifier}`,
  clusterSnapshot: (identifier: string) => `db-cluster-snapshot/${identifier}`,
  graph: (id: string) => `graph/${id}`,
  graphSnapshot: (id: string) => `graph-snapshot/${id}`,
  importTask: (id: string) => `import-task/${id}`,
  queue: (name: string) => `queue/${name}`,
};

/** ARNs as AWS writes them. */
export const arnOf = {
  cluster: (region: string, id: string) => `arn:aws:rds:${region}:${ACCOUNT}:cluster:${id}`,
  instance: (region: string, id: string) => `arn:aws:rds:${region}:${ACCOUNT}:db:${id}`,
  clusterSnapshot: (region: string, id: string) => `arn:aws:rds:${region}:${ACCOUNT}:cluster-snapshot:${id}`,
  graph: (region: string, id: string) => `arn:aws:neptune-graph:${region}:${ACCOUNT}:graph/${id}`,
  graphSnapshot: (region: string, id: string) => `arn:aws:neptune-graph:${region}:${ACCOUNT}:graph-snapshot/${id}`,
  queue: (region: string, name: string) => `arn:aws:sqs:${region}:${ACCOUNT}:${name}`,
};

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A new id such as `g-0k3v9a1bcd`: the prefix, a hyphen, ten lower-case letters or digits. */
export function newId(prefix: 'g' | 'gs' | 't'): string {
  let id = `${prefix}-`;
  for (const byte of randomBytes(10)) id += ALPHABET.charAt(byte % ALPHABET.length);
  return id;
}
