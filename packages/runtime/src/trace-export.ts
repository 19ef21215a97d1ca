import { withDeadline } from './deadline.ts'

const flushWithinMs = 3000

/** What a span is, seen from this process: it serves a request, makes a call, hands over a job, takes one, or none of these. */
export type SpanRole = 'server' | 'client' | 'producer' | 'consumer' | 'internal'

/** A span to be recorded. */
export interface RecordedSpan {
  readonly name: string
  readonly kind: SpanRole
  /** A valid `traceparent`, or undefined: then the span that runs now is the parent, if there is one. */
  readonly traceparent: string | undefined
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
  /** A word for what went wrong, free of secrets. */
  readonly errorType: (error: unknown) => string
}

/** A running export of spans. */
export interface Exporting {
  run<T>(span: RecordedSpan, work: (traceparent: string) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Loads the SDK of OpenTelemetry and sends spans to an OTLP/HTTP collector. Only here, so that nobody pays who does not trace. */
export async function startExport(service: string, otlpUrl: string): Promise<Exporting> {
  const [api, sdk, hooks, otlp, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  const exporter = new otlp.OTLPTraceExporter({ url: tracesUrl(otlpUrl), timeoutMillis: flushWithinMs })
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': service }),
    // Not by the parent's flag: a stranger's header must not decide what we record.
    sampler: new sdk.AlwaysOnSampler(),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  })
  api.context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable())
  api.trace.setGlobalTracerProvider(provider)
  const tracer = provider.getTracer('portcullis')
  const kinds: Readonly<Record<SpanRole, number>> = {
    internal: api.SpanKind.INTERNAL,
    server: api.SpanKind.SERVER,
    client: api.SpanKind.CLIENT,
    producer: api.SpanKind.PRODUCER,
    consumer: api.SpanKind.CONSUMER,
  }

  async function run<T>(told: RecordedSpan, work: (traceparent: string) => Promise<T>): Promise<T> {
    const parent = parentContext(told.traceparent)
    const span = tracer.startSpan(told.name, { kind: kinds[told.kind], attributes: told.attributes ?? {} }, parent)
    const { traceId, spanId } = span.spanContext()
    try {
      return await api.context.with(api.trace.setSpan(parent, span), () => work(`00-${traceId}-${spanId}-01`))
    } catch (error) {
      span.setAttribute('error.type', told.errorType(error))
      span.setStatus({ code: api.SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  }

  function parentContext(traceparent: string | undefined) {
    const [, traceId, spanId, flags] = traceparent?.split('-') ?? []
    if (traceId === undefined || spanId === undefined || flags === undefined) return api.context.active()
    const traceFlags = Number.parseInt(flags, 16)
    return api.trace.setSpanContext(api.ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
  }

  async function close(): Promise<void> {
    // A collector that is away must not hold up a shutdown, nor fail it.
    await withDeadline(flushWithinMs, 'the last spans', () => provider.shutdown()).catch(() => {})
    api.trace.disable()
    api.context.disable()
  }

  return { run, close }
}

function tracesUrl(otlpUrl: string): string {
  const base = otlpUrl.replace(/\/+$/, '')
  return base.endsWith('/v1/traces') ? base : `${base}/v1/traces`
}
