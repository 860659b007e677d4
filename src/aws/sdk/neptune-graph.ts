// The parts of @aws-sdk/client-neptune-graph that are used.
import type { NeptuneGraphClient as Client } from '@aws-sdk/client-neptune-graph';
import { lazily } from './lazily.ts';

export type NeptuneGraphClient = Client;
export type * from '@aws-sdk/client-neptune-graph';

export const {
  CancelImportTaskCommand,
  CreateGraphSnapshotCommand,
  GetGraphCommand,
  GetGraphSnapshotCommand,
  GetImportTaskCommand,
  ListGraphSnapshotsCommand,
  ListGraphsCommand,
  ListImportTasksCommand,
  ListQueriesCommand,
  ListTagsForResourceCommand,
  NeptuneGraphClient,
  ResetGraphCommand,
  StartGraphCommand,
  StopGraphCommand,
  paginateListGraphSnapshots,
  paginateListGraphs,
} = lazily<typeof import('@aws-sdk/client-neptune-graph')>('@aws-sdk/client-neptune-graph');
