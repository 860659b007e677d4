// The parts of @aws-sdk/credential-providers that are used.
import { lazily } from './lazily.ts';

export type * from '@aws-sdk/credential-providers';

export const { fromNodeProviderChain, fromTemporaryCredentials } = lazily<
  typeof import('@aws-sdk/credential-providers')
>('@aws-sdk/credential-providers');
