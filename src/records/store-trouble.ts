// Tells an unreachable store from a bug of this service, by the errors of the two drivers.

const network = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

export function isStoreTrouble(error: Error & { readonly code?: string }): boolean {
  return (
    error.name === 'MaxRetriesPerRequestError' ||
    error.name === 'StoreTrouble' ||
    network.has(error.code ?? '') ||
    // Redis names its own state (LOADING, READONLY, OOM, NOREPLICAS …); ERR means that the command was wrong.
    (error.name === 'ReplyError' && !error.message.startsWith('ERR ')) ||
    /Connection is closed|Stream isn't writeable|Command timed out|closed/.test(error.message)
  );
}
