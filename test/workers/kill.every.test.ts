// Every moment at which a service can be killed, for each operation and store: takes a minute or two.
import type { Moment } from '../support/killed-service.ts';
import { describeKills } from './killing.ts';

const moments: readonly Moment[] = ['accepted', 'intent', 'request', 'effect', 'end', 'event'];

describeKills(
  (['redis', 'embedded'] as const).flatMap((store) =>
    (['stop-db-cluster', 'fast-reset'] as const).flatMap((operation) =>
      moments.map((moment) => [store, operation, moment] as const),
    ),
  ),
);
