// Tells a store that can't be reached from an error of our own, by what its two drivers throw.

const network = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

export function isStoreTrouble(error: Error & { readonly code?: string }): boolean {
  return (
    error.name === 'MaxRetriesPerRequestError' ||
    error.name === 'StoreTrouble' ||
    network.has(error.code ?? '') ||
    // Redis says what it is: loading, read-only, out of memory, without replicas … and ERR where the question was wrong.
    (error.name === 'ReplyError' && !error.message.startsWith('ERR ')) ||
    /Connection is closed|Stream isn't writeable|Command timed out|closed/.test(error.message)
  );
}
