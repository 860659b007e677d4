// Makes the client for completion events, with the same bounds as the targets' clients.
import { SQSClient } from './sdk/sqs.ts';
import { BoundedHandler } from './bounded-handler.ts';
import { limitingCalls, readTimeout } from './call-limits.ts';
import { watchingCalls } from './clients.ts';
import { createCredentials } from './credentials.ts';
import { once } from './sdk/lazily.ts';

interface SqsSettings {
  readonly region: string;
  /** Set explicitly, because SQS otherwise uses the queue URL's host whatever the settings say. */
  readonly endpoint?: string | undefined;
}

/** The region in a queue's URL; `undefined` if there is none, as in the emulator's. */
export function regionOfQueue(url: string): string | undefined {
  const { hostname } = new URL(url);
  const [, region] =
    /(?:^|\.)sqs(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?(?:amazonaws\.|api\.)/.exec(hostname) ??
    /^([a-z0-9-]+)\.queue\.amazonaws\./.exec(hostname) ??
    [];
  return region;
}

/** The client is made when it is first used, so that a start doesn't wait for the SDK. */
export function createSqs({ region, endpoint }: SqsSettings): { readonly client: SQSClient; close(): void } {
  const credentials = createCredentials({ region });
  const client = once(() => {
    const made = new SQSClient({
      region,
      credentials: credentials.provider,
      requestHandler: new BoundedHandler(readTimeout),
      maxAttempts: 1,
      md5: false,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return limitingCalls(watchingCalls(made, credentials));
  });
  return {
    get client() {
      return client();
    },
    close() {
      client.made()?.destroy();
      credentials.close();
    },
  };
}
