// The client of the queue for completion events, within the same bounds as those of the targets.
import { SQSClient } from './sdk/sqs.ts';
import { BoundedHandler } from './bounded-handler.ts';
import { limitingCalls, readTimeout } from './call-limits.ts';
import { watchingCalls } from './clients.ts';
import { createCredentials } from './credentials.ts';
import { once } from './sdk/lazily.ts';

export interface SqsSettings {
  readonly region: string;
  /** Given explicitly, for SQS otherwise follows the queue URL's host whatever the settings say. */
  readonly endpoint?: string | undefined;
}

/** The region that a queue's URL names; nothing where it names none, as stand-ins' don't. */
export function regionOfQueue(url: string): string | undefined {
  const { hostname } = new URL(url);
  const [, region] =
    /(?:^|\.)sqs(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?(?:amazonaws\.|api\.)/.exec(hostname) ??
    /^([a-z0-9-]+)\.queue\.amazonaws\./.exec(hostname) ??
    [];
  return region;
}

/** The client is made when it is first used: a start doesn't wait for the SDK. */
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
