// Removes secrets from text that is written down or shown: AWS's messages repeat headers, and people paste URLs with
// passwords. It is the second defence; the first is that the log's facts are chosen by name.

/** Patterns of secrets. Each is bounded, so that no text makes it slow. */
const shapes: readonly (readonly [RegExp, string])[] = [
  // User and password of a URL, up to the last @ before its path.
  [/(\/\/)[^\s/"'\\<>]{1,2000}@/g, '$1…@'],
  [/\b(Bearer|Basic)(\s+|%20)[\w.~+/=%-]{20,}/gi, '$1 …'],
  // AWS repeats a request whose signature it checked, session token included.
  [/\b(x-amz-security-token\\?["']?\s*[:=]\s*\\?["']?)[^\s"'&,\\]+/gi, '$1…'],
  [/\b(Signature\\?["']?\s*[:=]\s*\\?["']?)[0-9a-f]{64}\b/gi, '$1…'],
  // An API key of this service, as `keys create` prints it.
  [/\b([0-9a-f]{12})\.[\w-]{43}(?![\w-])/g, '$1.…'],
  [/\b(sha256\\?["']?\s*:\s*\\?["']?)[0-9a-f]{64}\b/gi, '$1…'],
];

/** A shorter value is too likely to be part of another word; characters. */
const shortest = 12;
const mostHidden = 64;
const hidden = new Set<string>();

/** From now on `withoutSecrets` removes these values. */
export function hide(...values: readonly (string | undefined)[]): void {
  for (const value of values) {
    if (value === undefined || value.length < shortest) continue;
    // Temporary credentials change every hour, so the oldest ones have expired.
    hidden.delete(value);
    hidden.add(value);
    const [oldest] = hidden;
    if (hidden.size > mostHidden && oldest !== undefined) hidden.delete(oldest);
  }
}

/** Hides the secrets among the settings and those of the AWS SDK. */
export function hideSettings(environment: Readonly<Record<string, string | undefined>>): void {
  const { REDIS_URL: redis = '', AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, NEPTUNE_OPS_API_KEY } = environment;
  hide(AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, NEPTUNE_OPS_API_KEY, environment['AWS_CONTAINER_AUTHORIZATION_TOKEN']);
  if (!URL.canParse(redis)) return;
  const { password } = new URL(redis);
  hide(password, decoded(password));
}

/** The text with `…` in place of every secret. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const value of hidden) if (clean.includes(value)) clean = clean.replaceAll(value, '…');
  for (const [shape, instead] of shapes) clean = clean.replace(shape, instead);
  return clean;
}

/** Whether the text contains a secret that `withoutSecrets` would remove. */
export function holdsSecret(text: string): boolean {
  return withoutSecrets(text) !== text;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
