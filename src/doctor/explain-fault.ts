// Explains an AWS fault to the operator, and how to mend it.
import { faultOf } from '../aws/faults.ts';
import type { Target } from '../config.ts';

export interface FaultExplanation {
  readonly says: string;
  readonly mend: string;
  /** `identity`: everything else fails the same way. `silence`: no answer came. */
  readonly means: 'denied' | 'identity' | 'silence' | 'throttled' | 'other';
}

const denied = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|NotAuthorized)$/;
const notActive = /^(OptInRequired|SubscriptionRequiredException|NotSignedUp)$/;
const byClock = /RequestExpired|RequestTimeTooSkewed|Signature (expired|not yet current)/;

/** `action` is the IAM action. */
export function explainFault(
  error: unknown,
  action: string,
  { region, role }: Pick<Target, 'region' | 'role'>,
): FaultExplanation {
  const fault = faultOf(error);
  const { code } = fault;
  const message = oneLine(fault.message);
  if (denied.test(code)) {
    return {
      means: 'denied',
      says: `AWS denies it: ${message}`,
      mend: `Allow ${action} in the policy of ${role ?? 'the service’s role'}: docs/iam.md`,
    };
  }
  if (code === 'EndpointError') {
    return {
      means: 'silence',
      says: `the SDK refuses the address: ${message}`,
      mend: 'Take AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT or the custom address AWS_ENDPOINT_URL_… out.',
    };
  }
  if (notActive.test(code)) {
    return {
      means: 'identity',
      says: `the account is not active there: ${code}: ${message}`,
      mend: `Enable the region: aws account enable-region --region-name ${region}; a new account takes up to a day.`,
    };
  }
  if (code === 'CredentialsProviderError') {
    const mend =
      'See where they come from: aws configure list. Then mend that source: the profile, the role, the container’s or the machine’s.';
    return { means: 'identity', says: `no credentials: ${message}`, mend };
  }
  if (fault.class === 'credentials') {
    const clock = byClock.test(`${code} ${message}`);
    return {
      means: 'identity',
      says: `AWS does not take the credentials: ${code}: ${message}`,
      mend: clock
        ? 'Set the clock of this machine: timedatectl set-ntp true'
        : 'See who you are: aws sts get-caller-identity. Then give the service a role, or correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    };
  }
  if (fault.class === 'throttled') {
    return {
      means: 'throttled',
      says: `AWS throttles: ${code}`,
      mend: 'Wait a minute and ask again; if it stays, lower NEPTUNE_OPS_RATE_NEPTUNE.',
    };
  }
  if (code === 'ForeignEndpoint') {
    const mend = 'If it is a private endpoint of yours, allow it in NEPTUNE_OPS_DATA_PLANE_HOSTS.';
    return { means: 'other', says: message, mend };
  }
  if (fault.status === undefined) {
    const name = code === 'ENOTFOUND' ? `: is ${region} a region of Neptune?` : '';
    return {
      means: 'silence',
      says: `no answer: ${code}${name}`,
      mend: 'Check the region, AWS_ENDPOINT_URL_…, the proxy, NAT and VPC endpoints.',
    };
  }
  return {
    means: 'other',
    says: `${code}: ${message}`,
    mend: 'If AWS’s message does not help, ask again in a minute.',
  };
}

const longest = 240;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
