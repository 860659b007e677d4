// The constraints on members of Neptune Analytics' requests, as data, and the ValidationException that reports them.
import { refusal } from '../refusal.ts';

type Constraint = (value: unknown) => string | undefined;

const matches =
  (pattern: RegExp): Constraint =>
  (value) =>
    typeof value === 'string' && pattern.test(value)
      ? undefined
      : `Member must satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`;

const hasLength =
  (min: number, max: number): Constraint =>
  (value) =>
    typeof value === 'string' && value.length >= min && value.length <= max
      ? undefined
      : `Member must have length between ${min} and ${max}`;

const isWithin =
  (min: number, max: number): Constraint =>
  (value) =>
    /^\d+$/.test(String(value)) && Number(value) >= min && Number(value) <= max
      ? undefined
      : `Member must have value between ${min} and ${max}`;

const TAG_KEY = /^(?!aws:)[a-zA-Z+-=._:/]{1,128}$/;

const areTags: Constraint = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'Member must be a map';
  const tags = Object.entries(value);
  if (tags.length > 50) return 'Member must have length less than or equal to 50';
  if (!tags.every(([key]) => TAG_KEY.test(key))) {
    return `Map keys must satisfy regular expression pattern: ${TAG_KEY.source.slice(1, -1)}`;
  }
  const isText = tags.every(([, text]) => typeof text === 'string' && text.length <= 256);
  return isText ? undefined : 'Map value must have length less than or equal to 256';
};

const constraints: Readonly<Record<string, readonly Constraint[]>> = {
  graphIdentifier: [matches(/^g-[a-z0-9]{10}$/)],
  taskIdentifier: [matches(/^t-[a-z0-9]{10}$/)],
  snapshotIdentifier: [matches(/^gs-[a-z0-9]{10}$/)],
  snapshotName: [hasLength(1, 63), matches(/^(?!gs-)[a-z][a-z0-9]*(-[a-z0-9]+)*$/)],
  resourceArn: [hasLength(1, 1011), matches(/^arn:.+$/)],
  nextToken: [hasLength(1, 8192)],
  maxResults: [isWithin(1, 100)],
  tags: [areTags],
};

/** A ValidationException. `reason` is one of the model's; the default is for a broken constraint. */
export function validationFault(message: string, reason = 'CONSTRAINT_VIOLATION'): Error {
  return refusal('neptune-graph', 'ValidationException', message, { members: { reason } });
}

/** Throws a ValidationException that names every broken constraint of these members. */
export function checkMembers(input: Readonly<Record<string, unknown>>, required: readonly string[]): void {
  const broken: string[] = [];
  for (const name of required) {
    if (input[name] === undefined || input[name] === null) {
      broken.push(`Value null at '${name}' failed to satisfy constraint: Member must not be null`);
    }
  }
  for (const [name, value] of Object.entries(input)) {
    for (const constraint of value === null ? [] : (constraints[name] ?? [])) {
      const why = constraint(value);
      if (why !== undefined) broken.push(`Value '${String(value)}' at '${name}' failed to satisfy constraint: ${why}`);
    }
  }
  if (broken.length === 0) return;
  const plural = broken.length === 1 ? '1 validation error' : `${broken.length} validation errors`;
  throw validationFault(`${plural} detected: ${broken.join('; ')}`);
}
