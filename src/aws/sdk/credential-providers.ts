// What is used of @aws-sdk/credential-providers.
import { lazily } from './lazily.ts';

export type * from '@aws-sdk/credential-providers';

export const { fromNodeProviderChain, fromTemporaryCredentials } = lazily<
  typeof import('@aws-sdk/credential-providers')
>('@aws-sdk/credential-providers');
