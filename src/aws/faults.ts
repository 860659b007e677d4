// The table of AWS's errors: the class of each, and whether a changing call may have taken effect. It never reads
// messages, because AWS rewords them freely.
import type { Refusal } from '../operation.ts';
import { withoutSecrets } from '../redact.ts';

/**
 * `throttled`: the whole queue slows down. `transient`: this job backs off. `state`: the resource's state forbids the
 * change. `credentials`: like transient, and the service isn't ready. `permanent`: the job fails. `bug`: an error of
 * this service.
 */
export type FaultClass = 'throttled' | 'transient' | 'state' | 'credentials' | 'permanent' | 'bug';

export interface Fault {
  readonly class: FaultClass;
  /** AWS's error name, or the network's error code. */
  readonly code: string;
  readonly message: string;
  /** For a changing call: `none` when it certainly had no effect. */
  readonly effect: 'none' | 'unknown';
  readonly requestId?: string;
  readonly status?: number;
  /** The meaning of the fault, where the handler knows it. */
  readonly refusal?: Refusal;
}

/** By the SDK's error name. Query APIs use the wire code as well as the class name. */
const classes: Readonly<Record<string, FaultClass>> = {
  BandwidthLimitExceeded: 'throttled',
  KmsThrottled: 'throttled',
  LimitExceededException: 'throttled',
  OverLimit: 'throttled',
  PriorRequestNotComplete: 'throttled',
  RequestLimitExceeded: 'throttled',
  RequestThrottled: 'throttled',
  RequestThrottledException: 'throttled',
  SlowDown: 'throttled',
  ThrottledException: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',

  AbortError: 'transient',
  ClientTimeoutException: 'transient',
  ConstraintViolationException: 'transient',
  EndlessList: 'transient',
  // AWS asks to try again later; it takes minutes to hours, and the deadline ends it.
  InsufficientDBClusterCapacityFault: 'transient',
  InsufficientDBInstanceCapacity: 'transient',
  InsufficientDBInstanceCapacityFault: 'transient',
  InsufficientInstanceCapacity: 'transient',
  InsufficientStorageClusterCapacity: 'transient',
  InsufficientStorageClusterCapacityFault: 'transient',
  InternalFailure: 'transient',
  RequestTimeout: 'transient',
  RequestTimeoutException: 'transient',
  ServerShutdownException: 'transient',
  ServiceUnavailable: 'transient',
  TimeoutError: 'transient',

  ConflictException: 'state',
  InvalidClusterState: 'state',
  InvalidClusterStateFault: 'state',
  InvalidDBClusterSnapshotStateFault: 'state',
  InvalidDBClusterStateFault: 'state',
  InvalidDBInstanceState: 'state',
  InvalidDBInstanceStateFault: 'state',
  PreconditionsFailedException: 'state',

  CredentialsProviderError: 'credentials',
  ExpiredToken: 'credentials',
  ExpiredTokenException: 'credentials',
  IncompleteSignature: 'credentials',
  IncompleteSignatureException: 'credentials',
  InvalidClientTokenId: 'credentials',
  InvalidSignatureException: 'credentials',
  MissingAuthenticationToken: 'credentials',
  MissingAuthenticationTokenException: 'credentials',
  // The account, or its use of the region, isn't active yet: all of the target's jobs wait for a person, and none is lost.
  NotSignedUp: 'credentials',
  OptInRequired: 'credentials',
  // AWS reports a clock that is wrong by minutes as an expired request or signature.
  RequestExpired: 'credentials',
  RequestTimeTooSkewed: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  SubscriptionRequiredException: 'credentials',
  TokenProviderError: 'credentials',
  UnrecognizedClientException: 'credentials',

  // The settings don't go together, as the SDK's own sentence says.
  EndpointError: 'permanent',
};

/** The connection was never made, so AWS got no request. */
const neverSent = new Set(['ECONNREFUSED', 'EPROXYREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const brokenOff = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'UND_ERR_SOCKET']);

/** The fields of an SDK error that this table reads, for both generations of the SDK. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly Code?: string;
  readonly detailedMessage?: string;
  readonly reason?: string;
  readonly cause?: { readonly code?: string };
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly requestId?: string;
    readonly clockSkewCorrected?: boolean;
  };
  readonly $response?: { readonly statusCode?: number };
  /**
   * Set on an answer of the query protocol that couldn't be parsed. The JSON protocols throw the parser's
   * `SyntaxError`.
   */
  readonly $responseBodyText?: string;
  readonly [refused]?: Refusal | true;
}

const refused = Symbol('refused');

/** The answer came from a proxy or load balancer, not from AWS, so it doesn't say what AWS did. */
export class ForeignAnswer extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(status: number, contentType: string) {
    super(`Not AWS but something on the way to it answered ${status} with ${contentType}.`);
    this.name = 'ForeignAnswer';
    this.$metadata = { httpStatusCode: status };
  }
}

/** One of AWS's lists doesn't come to an end. That may pass, and nothing of the list is believed. */
export class EndlessList extends Error {
  constructor(action: string, what: string) {
    super(`The list of ${action} ${what}; it is not read on.`);
    this.name = 'EndlessList';
  }
}

/** A call that was given up; `mayHaveLeft`: AWS may have got it. */
export class CallTimeout extends Error {
  readonly mayHaveLeft: boolean;
  constructor(action: string, milliseconds: number, mayHaveLeft: boolean) {
    super(`${action} was given up after ${(milliseconds / 1_000).toFixed(1)} s without an answer.`);
    this.name = 'TimeoutError';
    this.mayHaveLeft = mayHaveLeft;
  }
}

function isForeign(error: SdkError): boolean {
  const unparsed = error.$responseBodyText !== undefined || error.name === 'SyntaxError';
  return error instanceof ForeignAnswer || (unparsed && (error.$metadata ?? error.$response) !== undefined);
}

/** Marks a fault as final here, whatever its class elsewhere. `refusal` replaces AWS's message. */
export function final(error: unknown, refusal?: Refusal): unknown {
  return Object.assign(error as object, { [refused]: refusal ?? (true as const) });
}

/** Classifies an error thrown by an SDK client. */
export function faultOf(thrown: unknown): Fault {
  const error = (thrown ?? {}) as SdkError;
  const status = error.$metadata?.httpStatusCode ?? error.$response?.statusCode;
  const network = [error.code, error.cause?.code].find(
    (code) => code !== undefined && (neverSent.has(code) || brokenOff.has(code)),
  );
  const code = network ?? error.name ?? 'Error';
  const faultClass = classOf(error, code, status, network);
  const requestId = error.$metadata?.requestId;
  return {
    class: faultClass,
    code,
    // Messages go into records and events, and AWS repeats a request whose signature it refuses, session token
    // included.
    message: withoutSecrets(error.detailedMessage ?? error.message ?? String(thrown)),
    effect:
      neverLeft(thrown) || (!isForeign(error) && certainlyRefused(status, code, network, faultClass))
        ? 'none'
        : 'unknown',
    ...(requestId === undefined ? {} : { requestId }),
    ...(status === undefined ? {} : { status }),
    ...(typeof error[refused] === 'object' ? { refusal: error[refused] } : {}),
  };
}

function classOf(error: SdkError, code: string, status: number | undefined, network: string | undefined): FaultClass {
  if (error[refused]) return 'permanent';
  if (network !== undefined) return 'transient';
  if (error.$metadata?.clockSkewCorrected) return 'transient';
  const known = classes[code] ?? classes[error.Code ?? ''];
  if (known !== undefined) return known;
  if (status === 429) return 'throttled';
  if (isForeign(error)) return 'transient';
  if (status !== undefined && status >= 500) return 'transient';
  if (status !== undefined && status >= 300) return 'permanent';
  // An answer that was read but couldn't be understood.
  if (error.$metadata !== undefined || error.$response !== undefined) return 'transient';
  return 'bug';
}

function neverLeft(thrown: unknown): boolean {
  return thrown instanceof CallTimeout
    ? !thrown.mayHaveLeft
    : (thrown as SdkError | undefined)?.name === 'EndpointError';
}

function certainlyRefused(
  status: number | undefined,
  code: string,
  network: string | undefined,
  faultClass: FaultClass,
): boolean {
  if (network !== undefined) return neverSent.has(network);
  if (code === 'ClientTimeoutException' || code === 'RequestTimeout' || code === 'RequestTimeoutException')
    return false;
  if (faultClass === 'credentials') return true;
  return status !== undefined && status >= 300 && status < 500 && status !== 408;
}
