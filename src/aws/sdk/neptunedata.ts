// The parts of @aws-sdk/client-neptunedata that are used.
import type { NeptunedataClient as Client } from '@aws-sdk/client-neptunedata';
import { lazily } from './lazily.ts';

export type NeptunedataClient = Client;
export type * from '@aws-sdk/client-neptunedata';

export const {
  ExecuteFastResetCommand,
  ExecuteOpenCypherQueryCommand,
  GetEngineStatusCommand,
  GetLoaderJobStatusCommand,
  ListGremlinQueriesCommand,
  ListLoaderJobsCommand,
  ListOpenCypherQueriesCommand,
  NeptunedataClient,
} = lazily<typeof import('@aws-sdk/client-neptunedata')>('@aws-sdk/client-neptunedata');
