import { Failure } from '@portcullis/contracts/errors'
import { randomNameBytes } from './random.ts'
import { startExport } from './trace-export.ts'
import type { Exporting, SpanRole } from './trace-export.ts'

const noTrace = '0'.repeat(32)
const noSpan = '0'.repeat(16)
const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** What is told of a span. Attributes hold no secret and no personal data. */
export interface SpanOptions {
  /** The span that caused this one. Unreadable text is ignored. */
  readonly traceparent?: string | undefined
  readonly kind: SpanRole
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
}

let exporting: Exporting | undefined

/**
 * Starts tracing. Only with `otlpUrl` (an OTLP/HTTP collector; `/v1/traces` is added where it is missing) are spans
 * recorded and sent, all of them, whatever the caller's sampled flag says; without it nothing is loaded, and `traceparent`
 * is made and carried all the same. Call it once, first of all. `close` sends what is waiting, for 3 seconds at most.
 */
export async function startTracing(options: {
  readonly service: string
  readonly otlpUrl?: string | undefined
}): Promise<{ close(): Promise<void> }> {
  if (options.otlpUrl === undefined) return { close: async () => {} }
  const started = await startExport(options.service, options.otlpUrl)
  exporting = started
  return {
    close: async () => {
      exporting = undefined
      await started.close()
    },
  }
}

/**
 * Reads a `traceparent` header: its text when it is valid, else undefined. A version above 00 is read as far as 00 goes and
 * given back as 00. Source: W3C Trace Context, 23 November 2021, sections 3.2 and 4.
 */
export function parseTraceparent(header: string | undefined): string | undefined {
  const [, version, trace, span, flags, more] = form.exec(header ?? '') ?? []
  if (version === undefined || trace === undefined || span === undefined || flags === undefined) return undefined
  if (version === 'ff' || trace === noTrace || span === noSpan) return undefined
  if (version === '00') return more === undefined ? header : undefined
  return `00-${trace}-${span}-${sampledFlag(flags)}`
}

/** A new trace with its first span. Its sampled flag is set only while this process records spans. */
export function newTraceparent(): string {
  return `00-${randomId(16)}-${randomId(8)}-${exporting === undefined ? '00' : '01'}`
}

/** The same trace and sampled flag, with a new span id. An unreadable parent gives a new trace. */
export function childTraceparent(parent: string): string {
  const read = parseTraceparent(parent)
  if (read === undefined) return newTraceparent()
  return `${read.slice(0, 36)}${randomId(8)}-${sampledFlag(read.slice(-2))}`
}

/**
 * Runs `work` inside a span named `name` and hands it the `traceparent` to carry on. A throw is passed on; the span then
 * bears the code of the failure or the name of the error, never its message.
 */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: (traceparent: string) => Promise<T>,
): Promise<T> {
  const parent = parseTraceparent(options.traceparent)
  if (exporting !== undefined) return exporting.run({ ...options, name, traceparent: parent, errorType }, work)
  return work(parent === undefined ? newTraceparent() : childTraceparent(parent))
}

function errorType(error: unknown): string {
  if (error instanceof Failure) return error.code
  return error instanceof Error ? error.name : typeof error
}

function sampledFlag(flags: string): string {
  return (Number.parseInt(flags, 16) & 1) === 1 ? '01' : '00'
}

/** Random and not all zero, which the standard forbids. */
function randomId(bytes: number): string {
  const id = randomNameBytes(bytes).toString('hex')
  return /^0+$/.test(id) ? randomId(bytes) : id
}
