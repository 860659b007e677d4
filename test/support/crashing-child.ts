// A process for a test: crashes with an unhandled rejection whose error carries secrets.
import { createLog, logCrashes } from '../../src/log.ts';

logCrashes(createLog('info', 'json'));
const headers = { authorization: 'letmein' };
void Promise.reject(Object.assign(new Error('nobody catches this'), { $response: { headers } }));
