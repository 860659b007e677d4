// Tells trouble of the store from a bug of this service, by the errors of the two drivers, and says in words what it
// is.

const network = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

const noWrites = 'takes no writes: ';

/** By the code at the front of Redis' error. The words follow the store's name. */
const troubles: Readonly<Record<string, string>> = {
  READONLY: `${noWrites}it is a replica`,
  UNBLOCKED: `${noWrites}it is a replica`,
  MASTERDOWN: 'is a replica that has lost its primary',
  NOREPLICAS: `${noWrites}it has fewer replicas than min-replicas-to-write demands`,
  MOVED: 'is a node of a cluster that has given our keys away',
  CLUSTERDOWN: 'is a cluster that is down',
  LOADING: 'is loading its data',
  OOM: `${noWrites}its memory is full (maxmemory)`,
  MISCONF: `${noWrites}it can’t save to its disk`,
  BUSY: 'is kept busy by a script',
  NOAUTH: 'demands a password',
  WRONGPASS: 'refuses the user or password',
  NOPERM: 'does not permit its user a command that is needed',
};

/** The code of PostgreSQL, in the embedded store. */
const diskFull = '53100';

/** After these, the same address may lead to another server, the primary. */
const elsewhere = new Set(['READONLY', 'UNBLOCKED', 'MASTERDOWN', 'NOREPLICAS', 'MOVED', 'CLUSTERDOWN', 'LOADING']);

/** The command was wrong, which is a bug of ours. */
const mistakes = new Set(['ERR', 'WRONGTYPE', 'CROSSSLOT', 'NOSCRIPT', 'EXECABORT']);

type DriverError = Error & { readonly code?: string };

/** What the trouble is, in words that follow the store's name (“takes no writes: …”); `undefined` for a bug of ours. */
export function storeTroubleOf(error: DriverError): string | undefined {
  if (error.cause instanceof Error && error.name === 'StoreTrouble') {
    return storeTroubleOf(error.cause) ?? 'can’t be reached';
  }
  if (error.code === diskFull) return `${noWrites}its disk is full`;
  const code = codeOf(error);
  if (code !== undefined && troubles[code] !== undefined) return troubles[code];
  if (/max number of clients reached/.test(error.message)) return 'takes no more connections (maxclients)';
  if (/Command timed out|Socket timeout/.test(error.message)) return 'does not answer in time';
  const isOut =
    error.name === 'MaxRetriesPerRequestError' ||
    error.name === 'StoreTrouble' ||
    network.has(error.code ?? '') ||
    (error.name === 'ReplyError' && code !== undefined && !mistakes.has(code)) ||
    /Connection is closed|Stream isn't writeable|connection close|closed/.test(error.message);
  return isOut ? 'can’t be reached' : undefined;
}

export function isStoreTrouble(error: DriverError): boolean {
  return storeTroubleOf(error) !== undefined;
}

/** Whether a new connection may lead to a server that accepts what this one refuses, as after a failover. */
export function isElsewhere(error: Error): boolean {
  return elsewhere.has(codeOf(error) ?? '');
}

/**
 * The code, like `OOM`. Redis 6 wraps an error inside a script: `ERR Error running script (…): @user_script: 4: -OOM
 * command not allowed …`.
 */
function codeOf({ message }: Error): string | undefined {
  // Inside a script this error has no code of its own.
  if (/^ERR .*[Tt]he user executing the script can't/s.test(message)) return 'NOPERM';
  const wrapped = /^ERR Error running script .*: -([A-Z]+) /s.exec(message);
  return (wrapped ?? /^(?:Ready check failed: )?([A-Z]+)(?= |$)/.exec(message))?.[1];
}
