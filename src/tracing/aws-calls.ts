// Opens a span for each AWS call, below its visit's. It holds the call's name and outcome, never the request or the
// answer.
import { SpanKind, fail, isTracing, traced } from './trace.ts';

interface Stacked {
  readonly middlewareStack: {
    add(middleware: never, options: { step: 'initialize'; priority: 'high'; name: string }): void;
  };
}

interface Metadata {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

interface Answered {
  readonly output?: Metadata;
}

/**
 * From the outermost middleware, so that credentials, signing and the gate count in its time. Does nothing while
 * tracing is off.
 */
export function tracingCalls<Client extends Stacked>(client: Client, service: string, region: string): Client {
  if (!isTracing()) return client;
  const follow = (next: (request: unknown) => Promise<Answered>, { commandName = '' }: { commandName?: string }) => {
    const method = commandName.replace(/Command$/, '');
    const attributes = {
      'rpc.system': 'aws-api',
      'rpc.service': service,
      'rpc.method': method,
      'cloud.provider': 'aws',
      'cloud.region': region,
    };
    return (request: unknown) =>
      traced({ name: `${service}.${method}`, kind: SpanKind.CLIENT, attributes }, async (span) => {
        const tell = ({ $metadata: { httpStatusCode: status, requestId } = {} }: Metadata) => {
          if (status !== undefined) span?.setAttribute('http.response.status_code', status);
          if (requestId !== undefined) span?.setAttribute('aws.request_id', requestId);
        };
        try {
          const answered = await next(request);
          tell(answered.output ?? {});
          return answered;
        } catch (error) {
          tell(error as Metadata);
          if (span) fail(span, (error as Error).name);
          throw error;
        }
      });
  };
  client.middlewareStack.add(follow as never, { step: 'initialize', priority: 'high', name: 'traceCalls' });
  return client;
}
