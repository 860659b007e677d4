// What a request meets at the door in tests: two targets, one cluster that may be reset.
import type { RequestRules } from '../../src/queue/request.ts';

export const testDoor: RequestRules = {
  targets: [
    { name: 'default', region: 'eu-west-1' },
    { name: 'prod', region: 'us-east-1' },
  ],
  resettable: new Set(['default/test-1']),
};
