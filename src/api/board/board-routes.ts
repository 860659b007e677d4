// The table of Bull Board's routes and their meaning here. A route that isn't in it is refused. A test fails when Bull
// Board's own table differs from this one.

/**
 * `reading` changes nothing. `cancel`, `retry` and `look-now` are this service's actions instead of Bull Board's.
 * `refused` would change the queue behind the records' back.
 */
export type BoardRoute = 'reading' | 'cancel' | 'retry' | 'look-now' | 'refused';

/** By method and path, as in Bull Board's own table. */
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

/** The meaning of a request to this route. A HEAD means the same as its GET. */
export function boardRoute(method: string, path: string): BoardRoute {
  return boardRoutes[`${method === 'HEAD' ? 'GET' : method} ${path}`] ?? 'refused';
}
