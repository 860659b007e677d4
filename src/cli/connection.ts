// Reads the service's address and the API key from the environment. The key is never shown.
import { connect } from '../client/http-client.ts';
import type { Client } from '../client/client.ts';
import { type Connection, type Transport, createTransport } from '../client/transport.ts';

/**
 * How long it retries; milliseconds. A person at a terminal wants an answer soon; a wait for a job outlasts a restart.
 */
const brief = 3_000;
const patient = 60_000;

function connection(retryForMs: number): Connection {
  const { NEPTUNE_OPS_URL: url, NEPTUNE_OPS_API_KEY: apiKey } = process.env;
  return { url: url || 'http://127.0.0.1:3000', apiKey: apiKey?.trim() || undefined, retryForMs };
}

export function client(): Client {
  return connect(connection(brief));
}

export function patientClient(): Client {
  return connect(connection(patient));
}

/** For requests that the client has no method for. */
export function transport(): Transport {
  return createTransport(connection(brief));
}
