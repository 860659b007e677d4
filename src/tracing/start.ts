// Turns tracing on where OpenTelemetry's own settings ask for it. Only then is its SDK loaded. It must never keep the service
// from starting or ending, and an endpoint that is gone must not fill the log.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { proxyAgents } from '../proxy.ts';
import { turnTracing } from './trace.ts';
import { version } from '../version.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How long what isn't sent yet may take at the end, in milliseconds. */
const flushWithin = 3_000;
/** Trouble with the endpoint is told at most this often, in milliseconds. */
const sayEvery = 60_000;

/** Whether the settings ask for traces, and why not where they seem to. */
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

/** Answers how to end it: sends what is left, as long as that takes no longer than three seconds. */
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
  // The settings' own names win.
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
  // Contexts are read and written by hand: nothing of a caller's baggage goes anywhere.
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
