// The table of the service's refusals: stable code, HTTP status and title. Problem details, the command line and
// docs/errors.md are made from it.

export const errorTable = {
  'invalid-input': { status: 400, title: 'The input is not right' },
  'invalid-request': { status: 400, title: 'The request is not right' },
  'unknown-operation': { status: 404, title: 'There is no such operation' },
  'unknown-target': { status: 400, title: 'There is no such target' },
  unauthorized: { status: 401, title: 'An API key is needed' },
  forbidden: { status: 403, title: 'This API key may not do that' },
  'cross-site': { status: 403, title: 'The request came from another site' },
  'board-refused': { status: 403, title: 'The board does not do that' },
  'not-repeatable': { status: 403, title: 'The board never repeats an operation that erases' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'too-many-jobs': { status: 429, title: 'Too many live jobs or idempotency keys of one caller' },
  'too-many-waits': { status: 429, title: 'Too many waits and streams at the same time' },
  'not-held': { status: 404, title: 'There is no such hold' },
  'unknown-route': { status: 404, title: 'There is no such route' },
  'no-schedules': { status: 404, title: 'There is no schedules file' },
  'schedule-not-found': { status: 404, title: 'There is no such schedule' },
  'resource-not-scheduled': { status: 404, title: 'No schedule says when this resource runs' },
  'not-paused': { status: 404, title: 'The schedule is not paused' },
  'not-kept-on': { status: 404, title: 'The resource is not kept on' },
  'job-not-found': { status: 404, title: 'There is no such job' },
  'already-ended': { status: 409, title: 'The job has ended' },
  'not-ended': { status: 409, title: 'The job has not ended' },
  'waits-in-line': { status: 409, title: 'The job waits in line' },
  'resource-busy': { status: 409, title: 'Another job is changing this resource' },
  'event-not-refused': { status: 409, title: 'The event was not refused' },
  'wrong-confirmation': { status: 422, title: 'The confirmation does not repeat the identifier' },
  'cluster-not-resettable': { status: 403, title: 'The operator has not listed this cluster as resettable' },
  'graph-not-resettable': { status: 403, title: 'The operator has not listed this graph as resettable' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for another request' },
  'cursor-not-valid': { status: 422, title: 'The cursor can not be used' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON' },
  'store-unreachable': { status: 503, title: 'The store can’t be reached' },
  'aws-refused': { status: 502, title: 'AWS could not be asked' },
  'internal-error': { status: 500, title: 'A bug of neptune-ops' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorTable;

/** One wrong field: its path, the rule, and a valid example. */
export interface FieldProblem {
  readonly path: string;
  readonly rule: string;
  readonly example?: unknown;
}

/** Of one request. More help nobody, and repeat what was sent many times over. */
const mostProblems = 20;
/** Of a field's name that is repeated, in letters. */
const longestPath = 100;

/** The first of the problems, and their fields in words: `a, b and 3 more`. */
export function boundProblems(problems: readonly FieldProblem[]): { errors: FieldProblem[]; fields: string } {
  const errors = problems.slice(0, mostProblems).map((each) => ({ ...each, path: clip(each.path) }));
  const more = problems.length - errors.length;
  const fields = errors.map(({ path }) => path).join(', ');
  return { errors, fields: more > 0 ? `${fields} and ${more} more` : fields };
}

function clip(path: string): string {
  return path.length > longestPath ? `${path.slice(0, longestPath)}…` : path;
}

interface ErrorDetails {
  readonly errors?: readonly FieldProblem[];
  readonly [extension: string]: unknown;
}

/** A refusal with a stable code. `message` says what to do. `details` become members of the problem document. */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}
