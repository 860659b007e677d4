// The request rules of tests: two targets, one resettable cluster.
import type { RequestRules } from '../../src/queue/request.ts';

export const testDoor: RequestRules = {
  targets: [
    { name: 'default', region: 'eu-west-1' },
    { name: 'prod', region: 'us-east-1' },
  ],
  resettable: new Set(['default/test-1']),
};
