import { createServer } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { metrics } from '@opentelemetry/api'
import type { Meter } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { withDeadline } from './deadline.ts'
import type { Logger } from './log.ts'
import { observeProcess } from './process-metrics.ts'

const readyWithinMs = 2000

/** The one recorder of this process. Made on first use, so that an instrument may be older than the server that shows it. */
interface Recorder {
  readonly provider: MeterProvider
  readonly exporter: PrometheusExporter
  observed: boolean
}

let recorder: Recorder | undefined

function theRecorder(): Recorder {
  if (recorder === undefined) {
    const exporter = new PrometheusExporter({ preventServerStart: true })
    const provider = new MeterProvider({ readers: [exporter] })
    // For libraries that count by themselves (BullMQ does) through the global API.
    metrics.setGlobalMeterProvider(provider)
    recorder = { provider, exporter, observed: false }
  }
  return recorder
}

/** Where instruments are made: `meter().createCounter('reset.mails')`. Works before `startMetrics`, and without it. */
export function meter(): Meter {
  return theRecorder().provider.getMeter('portcullis')
}

/** What `startMetrics` needs. */
export interface MetricsOptions {
  /** Name of the service, shown as `target_info{service_name=…}`. */
  readonly service: string
  /** Address to listen on. Never a public one: the answers tell much of the inside (ASVS 5 13.4.5). */
  readonly host: string
  /** Port to listen on; 0 takes a free one. */
  readonly port: number
  /** Whether the process can do its work now. A throw, or no answer within 2 seconds, counts as no. */
  readonly ready: () => Promise<boolean>
  /** Whether the process should go on living. Default: always. */
  readonly live?: () => boolean
  readonly log: Logger
}

/** A running server of metrics. */
export interface MetricsServer {
  /** The port it listens on. */
  readonly port: number
  /** Stops listening and ends open connections. */
  close(): Promise<void>
}

/**
 * Serves `GET /metrics` (Prometheus text 0.0.4), `/livez` and `/readyz` (200 or 503, one line of text) on a port of its own,
 * and starts to observe the process itself.
 *
 * @throws the error of the system when the port cannot be had.
 */
export async function startMetrics(options: MetricsOptions): Promise<MetricsServer> {
  const own = theRecorder()
  if (!own.observed) observeProcess(meter())
  own.observed = true

  const pages = pagesOf(options, own.exporter)
  const server = createServer(
    { requestTimeout: 5000, headersTimeout: 5000, keepAliveTimeout: 5000 },
    (request, response) => {
      const page = pages.get(request.url)
      if (page === undefined) return answer(response, 404, 'not found')
      if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'only GET')
      void show(page, response, options.log)
    },
  )
  const port = await listen(server, options.host, options.port)
  return { port, close: () => close(server) }
}

async function show(page: Page, response: ServerResponse, log: Logger): Promise<void> {
  try {
    await page(response)
  } catch (err) {
    log.error({ err }, 'a health page failed')
    if (response.headersSent) response.destroy()
    else answer(response, 500, 'failed')
  }
}

type Page = (response: ServerResponse) => void | Promise<void>

function pagesOf(options: MetricsOptions, exporter: PrometheusExporter): ReadonlyMap<string | undefined, Page> {
  const print = printer(options.service)
  const metricsPage: Page = async (response) => {
    const { resourceMetrics, errors } = await exporter.collect()
    for (const err of errors) options.log.warn({ err }, 'a metric could not be read')
    answer(response, 200, print(resourceMetrics), 'text/plain; version=0.0.4; charset=utf-8')
  }
  return new Map<string, Page>([
    ['/metrics', metricsPage],
    ['/livez', (response) => answerState(response, options.live?.() ?? true, 'live')],
    ['/readyz', async (response) => answerState(response, await isReady(options.ready), 'ready')],
  ])
}

/** Prints metrics as Prometheus reads them: with the name of the service in `target_info`, without a label for the scope. */
function printer(service: string): (read: ResourceMetrics) => string {
  const resource = resourceFromAttributes({ 'service.name': service })
  const serializer = new PrometheusSerializer('', false, undefined, false, true)
  return (read) => serializer.serialize({ ...read, resource })
}

function answerState(response: ServerResponse, good: boolean, word: string): void {
  answer(response, good ? 200 : 503, good ? word : `not ${word}`)
}

async function isReady(ready: () => Promise<boolean>): Promise<boolean> {
  try {
    return await withDeadline(readyWithinMs, 'readiness', () => ready())
  } catch {
    return false
  }
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  response.end(text.endsWith('\n') ? text : `${text}\n`)
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen({ host, port }, listening.resolve)
  await listening.promise
  server.off('error', listening.reject)
  // A server on a TCP port has an AddressInfo; text is the address of a pipe.
  return (server.address() as AddressInfo).port
}

async function close(server: Server): Promise<void> {
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  server.closeAllConnections()
  await closed.promise
}
