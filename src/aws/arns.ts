// The ARNs to which AWS's service authorization reference lets the service's IAM actions be narrowed. REGION, ACCOUNT and
// the names in capitals are for the operator to fill in.

export const arns = {
  /** Actions that AWS doesn't let be narrowed, or isn't known to. */
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
