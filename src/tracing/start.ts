// Turns tracing on when OpenTelemetry's settings ask for it, and only then loads its SDK. It never keeps the service
// from starting or ending. An unreachable endpoint doesn't fill the log.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { proxyAgents } from '../proxy.ts';
import { turnTracing } from './trace.ts';
import { version } from '../version.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How long sending the rest may take at the end; milliseconds. */
const flushWithin = 3_000;
/** Failures of the endpoint are logged at most this often; milliseconds. */
const sayEvery = 60_000;

/** Whether the settings turn traces on; `why` says what stands against it. */
export function tracingWish(environment: Environment): { readonly on: boolean; readonly why?: string } {
  const given = (name: string) => environment[name]?.trim() ?? '';
  if (given('OTEL_SDK_DISABLED').toLowerCase() === 'true') return { on: false };
  const exporter = given('OTEL_TRACES_EXPORTER');
  const endpoint = given('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') || given('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (exporter === 'none' || (exporter === '' && endpoint === '')) return { on: false };
  if (exporter !== '' && exporter !== 'otlp') {
    return {
      on: false,
      why: `OTEL_TRACES_EXPORTER is “${exporter}”; neptune-ops has otlp and none. No traces are sent.`,
    };
  }
  const protocol = given('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') || given('OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol !== '' && protocol !== 'http/protobuf') {
    return { on: true, why: `OTEL_EXPORTER_OTLP_PROTOCOL is “${protocol}”; neptune-ops sends http/protobuf.` };
  }
  return { on: true };
}

/** Starts tracing. Returns the function that ends it and sends what is left, within three seconds. */
export async function startTracing(environment: Environment, log: Logger): Promise<() => Promise<void>> {
  const { on, why } = tracingWish(environment);
  if (why !== undefined) log.warn(why);
  if (!on) return () => Promise.resolve();
  const [api, sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
  ]);
  api.diag.setLogger(quietly(log), { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true });
  const own = resources.resourceFromAttributes({
    'service.name': 'neptune-ops',
    'service.version': version,
    'service.instance.id': randomUUID(),
  });
  // The names in OpenTelemetry's own settings win.
  const named = resources.detectResources({ detectors: [resources.envDetector] });
  const agents = proxyAgents();
  const provider = new sdk.NodeTracerProvider({
    resource: resources.defaultResource().merge(own).merge(named),
    spanProcessors: [
      new sdk.BatchSpanProcessor(
        new OTLPTraceExporter(agents === undefined ? {} : { httpAgentOptions: () => agents.httpAgent }),
      ),
    ],
  });
  // Contexts are read and written explicitly, so that a caller's baggage goes nowhere.
  provider.register({ propagator: null });
  turnTracing(true);
  log.info('Traces are sent, as OTEL_… settings say.');
  return async () => {
    turnTracing(false);
    const sent = provider.shutdown().catch(() => undefined);
    await Promise.race([sent, pause(flushWithin, undefined, { ref: false })]);
    api.trace.disable();
    api.context.disable();
    api.diag.disable();
  };
}

function quietly(log: Logger) {
  let said = -Infinity;
  const say = (reason: string) => {
    if (performance.now() - said < sayEvery) return;
    said = performance.now();
    log.warn({ reason }, 'traces can not be sent');
  };
  const nothing = () => undefined;
  return { error: say, warn: say, info: nothing, debug: nothing, verbose: nothing };
}
