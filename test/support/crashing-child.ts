// Started by a test, to crash as a handler does whose promise nobody awaits, with an error that has secrets hanging on it.
import { createLog, logCrashes } from '../../src/log.ts';

logCrashes(createLog('info', 'json'));
const headers = { authorization: 'letmein' };
void Promise.reject(Object.assign(new Error('nobody catches this'), { $response: { headers } }));
