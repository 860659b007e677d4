// What each route of Bull Board means here. Whatever isn't in this table is refused, and a test fails when Bull Board's own
// table has more, or less, than this one.

/**
 * `reading` shows and changes nothing. `cancel`, `retry` and `look-now` are this service's own acts, in place of what Bull
 * Board would do to the queue. `refused`: would change the queue behind the records' back.
 */
export type BoardRoute = 'reading' | 'cancel' | 'retry' | 'look-now' | 'refused';

/** By method and path, as Bull Board's table of routes writes them. */
export const boardRoutes: Readonly<Record<string, BoardRoute>> = {
  'GET /': 'reading',
  'GET /metrics-history': 'reading',
  'GET /job-schedulers': 'reading',
  'GET /queue/:queueName': 'reading',
  'GET /queue/:queueName/:jobId': 'reading',
  'GET /static/*': 'reading',
  'GET /own.css': 'reading',
  'GET /api/redis/stats': 'reading',
  'GET /api/queues': 'reading',
  'GET /api/job-schedulers': 'reading',
  'GET /api/queues/:queueName/metrics': 'reading',
  'GET /api/queues/:queueName/default-job-options': 'reading',
  'GET /api/queues/:queueName/workers': 'reading',
  'GET /api/queues/:queueName/rate-limit': 'reading',
  'GET /api/queues/:queueName/job-data-schema': 'reading',
  'GET /api/queues/:queueName/:jobId': 'reading',
  'GET /api/queues/:queueName/:jobId/logs': 'reading',
  'GET /api/queues/:queueName/:jobId/flow': 'reading',

  'PUT /api/queues/:queueName/:jobId/clean': 'cancel',
  'PUT /api/queues/:queueName/:jobId/retry': 'retry',
  'PUT /api/queues/:queueName/:jobId/promote': 'look-now',

  'PUT /api/queues/pause': 'refused',
  'PUT /api/queues/resume': 'refused',
  'POST /api/queues/:queueName/add': 'refused',
  'PUT /api/queues/:queueName/retry/:queueStatus': 'refused',
  'PUT /api/queues/:queueName/promote': 'refused',
  'PUT /api/queues/:queueName/clean/:queueStatus': 'refused',
  'PUT /api/queues/:queueName/pause': 'refused',
  'PUT /api/queues/:queueName/resume': 'refused',
  'PUT /api/queues/:queueName/concurrency': 'refused',
  'PUT /api/queues/:queueName/rate-limit': 'refused',
  'PUT /api/queues/:queueName/rate-limit/release': 'refused',
  'PUT /api/queues/:queueName/empty': 'refused',
  'PUT /api/queues/:queueName/obliterate': 'refused',
  'PUT /api/queues/:queueName/job-schedulers/:schedulerId/remove': 'refused',
  'PATCH /api/queues/:queueName/job-schedulers/:schedulerId': 'refused',
  'PUT /api/queues/:queueName/job-schedulers/:schedulerId/run': 'refused',
  'PATCH /api/queues/:queueName/:jobId/update-data': 'refused',
  'PATCH /api/queues/:queueName/:jobId/delay': 'refused',
  'PATCH /api/queues/:queueName/:jobId/priority': 'refused',
  'PUT /api/queues/:queueName/:jobId/remove-unprocessed-children': 'refused',
};

/** What a request to this route means; a HEAD means what its GET does. */
export function boardRoute(method: string, path: string): BoardRoute {
  return boardRoutes[`${method === 'HEAD' ? 'GET' : method} ${path}`] ?? 'refused';
}
