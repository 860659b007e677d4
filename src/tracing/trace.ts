// Makes spans through OpenTelemetry's API; does nothing while tracing is off. Attributes are chosen by name: a span
// never holds a secret or a job's input.
import {
  type Attributes,
  type Context,
  type Span,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';

export { SpanKind } from '@opentelemetry/api';

let isOn = false;

/** Only `start.ts` calls it. */
export function turnTracing(on: boolean): void {
  isOn = on;
}

export function isTracing(): boolean {
  return isOn;
}

interface SpanPlan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes?: Attributes;
  /** W3C's `traceparent` of the parent. Default: the current span. */
  readonly parent?: string | undefined;
}

/** Runs the work inside its own span. If the work fails, the span fails with the error's name only. */
export async function traced<Result>(
  plan: SpanPlan,
  work: (span: Span | undefined) => Promise<Result>,
): Promise<Result> {
  if (!isOn) return work(undefined);
  const { name, kind, attributes = {}, parent } = plan;
  const above = parent === undefined ? context.active() : contextOf(parent);
  const span = tracer().startSpan(name, { kind, attributes }, above);
  try {
    return await context.with(trace.setSpan(above, span), () => work(span));
  } catch (error) {
    fail(span, (error as Error).name);
    throw error;
  } finally {
    span.end();
  }
}

/** Marks a span as failed. `type` is a stable name, because a message may quote anything. */
export function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** A span that the caller ends, and the context below it; `undefined` while tracing is off. */
export function openSpan({
  name,
  kind,
  attributes = {},
  parent,
}: SpanPlan): { span: Span; below: Context } | undefined {
  if (!isOn) return undefined;
  const above = parent === undefined ? ROOT_CONTEXT : contextOf(parent);
  const span = tracer().startSpan(name, { kind, attributes }, above);
  return { span, below: trace.setSpan(above, span) };
}

/** Runs `go` below a span. */
export function within(below: Context, go: () => void): void {
  context.with(below, go);
}

/** W3C's `traceparent` of the current span; `undefined` while tracing is off. */
export function traceparent(): string | undefined {
  const span = isOn ? trace.getActiveSpan() : undefined;
  if (span === undefined) return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

const form = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** An invalid `traceparent` starts a new trace. */
function contextOf(parent: string): Context {
  const [, traceId = '', spanId = '', flags = '00'] = form.exec(parent) ?? [];
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(remote) ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

/** Read each time, because the API returns another tracer once tracing is on. */
function tracer() {
  return trace.getTracer('neptune-ops');
}
