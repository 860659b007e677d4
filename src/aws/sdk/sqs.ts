// The parts of @aws-sdk/client-sqs that are used.
import type { SQSClient as Client } from '@aws-sdk/client-sqs';
import { lazily } from './lazily.ts';

export type SQSClient = Client;
export type * from '@aws-sdk/client-sqs';

export const { GetQueueAttributesCommand, SQSClient, SendMessageBatchCommand, SendMessageCommand } =
  lazily<typeof import('@aws-sdk/client-sqs')>('@aws-sdk/client-sqs');
