// The ARNs to which the service's IAM actions can be narrowed, from AWS's service authorization reference. The operator
// fills in REGION, ACCOUNT and the names in capitals.

export const arns = {
  /** For actions that AWS can't narrow, or doesn't document. */
  any: '*',
  dbCluster: 'arn:aws:rds:REGION:ACCOUNT:cluster:NAME',
  dbClusterSnapshots: 'arn:aws:rds:REGION:ACCOUNT:cluster-snapshot:*',
  /** The data plane of one cluster. */
  dbClusterData: 'arn:aws:neptune-db:REGION:ACCOUNT:CLUSTER_RESOURCE_ID/*',
  graph: 'arn:aws:neptune-graph:REGION:ACCOUNT:graph/GRAPH_ID',
  graphs: 'arn:aws:neptune-graph:REGION:ACCOUNT:graph/*',
  graphSnapshots: 'arn:aws:neptune-graph:REGION:ACCOUNT:graph-snapshot/*',
  importTasks: 'arn:aws:neptune-graph:REGION:ACCOUNT:import-task/*',
} as const;
