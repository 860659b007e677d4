// Made by `npm run docs` from the registry of operations: name and summary of each.
export const operationList = [
  ['start-db-cluster', 'Start a stopped DB cluster and wait until it is available.'],
  [
    'stop-db-cluster',
    'Stop a DB cluster, so that its instances cost nothing until it is started (by AWS after seven days).',
  ],
  ['create-db-cluster-snapshot', 'Take a snapshot of a DB cluster and wait until it can be used.'],
  ['fast-reset', 'Empty a DB cluster with Neptune’s fast reset: all data, stream and ML metadata are gone.'],
  ['start-graph', 'Start a stopped Neptune Analytics graph and wait until it is available.'],
  [
    'stop-graph',
    'Stop a Neptune Analytics graph; it costs 10 % of its hourly price and stays stopped until it is started.',
  ],
  ['create-graph-snapshot', 'Take a snapshot of a Neptune Analytics graph and wait until it can be used.'],
  ['reset-graph', 'Empty a Neptune Analytics graph: all of its data is gone, the graph and its settings stay.'],
  ['watch-import-task', 'Follow an import task of a Neptune Analytics graph until it has ended.'],
  ['cancel-import-task', 'Cancel an import task of a Neptune Analytics graph and wait until it is cancelled.'],
] as const;
