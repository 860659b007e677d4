// Takes secrets out of text that is about to be written down or shown: AWS's own messages repeat headers, and people paste
// URLs with passwords in them. It must never be the only thing between a secret and the log: what is logged is chosen by name.

/** What looks like a secret wherever it stands; each bounded, so that no text makes them slow. */
const shapes: readonly (readonly [RegExp, string])[] = [
  // The user and password of a URL, up to the last @ before its path.
  [/(\/\/)[^\s/"'\\<>]{1,2000}@/g, '$1…@'],
  [/\b(Bearer|Basic)(\s+|%20)[\w.~+/=%-]{20,}/gi, '$1 …'],
  // AWS repeats the request it has checked a signature of, session token and all.
  [/\b(x-amz-security-token\\?["']?\s*[:=]\s*\\?["']?)[^\s"'&,\\]+/gi, '$1…'],
  [/\b(Signature\\?["']?\s*[:=]\s*\\?["']?)[0-9a-f]{64}\b/gi, '$1…'],
  // An API key of this service, as `keys create` shows it.
  [/\b([0-9a-f]{12})\.[\w-]{43}(?![\w-])/g, '$1.…'],
  [/\b(sha256\\?["']?\s*:\s*\\?["']?)[0-9a-f]{64}\b/gi, '$1…'],
];

/** A shorter one is too likely to be part of something else, in letters. */
const shortest = 12;
const mostHidden = 64;
const hidden = new Set<string>();

/** From now on these values are taken out of everything that goes through `withoutSecrets`. */
export function hide(...values: readonly (string | undefined)[]): void {
  for (const value of values) {
    if (value === undefined || value.length < shortest) continue;
    // Temporary credentials come anew each hour: the oldest ones are of no use to anybody any more.
    hidden.delete(value);
    hidden.add(value);
    const [oldest] = hidden;
    if (hidden.size > mostHidden && oldest !== undefined) hidden.delete(oldest);
  }
}

/** The secrets among the settings and those of the AWS SDK. */
export function hideSettings(environment: Readonly<Record<string, string | undefined>>): void {
  const { REDIS_URL: redis = '', AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, NEPTUNE_OPS_API_KEY } = environment;
  hide(AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, NEPTUNE_OPS_API_KEY, environment['AWS_CONTAINER_AUTHORIZATION_TOKEN']);
  if (!URL.canParse(redis)) return;
  const { password } = new URL(redis);
  hide(password, decoded(password));
}

/** The text with `…` in the place of every secret in it. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const value of hidden) if (clean.includes(value)) clean = clean.replaceAll(value, '…');
  for (const [shape, instead] of shapes) clean = clean.replace(shape, instead);
  return clean;
}

/** Whether there is anything in the text that `withoutSecrets` would take out. */
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
