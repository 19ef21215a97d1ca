import { type ErrorCode, Failure } from '@portcullis/contracts/errors'
import { isStoreAway } from '@portcullis/db/transaction'
import { newUuid } from '@portcullis/runtime/id'
import type { Logger } from '@portcullis/runtime/log'
import { meter } from '@portcullis/runtime/metrics'
import { childTraceparent, newTraceparent, parseTraceparent } from '@portcullis/runtime/tracing'
import type { Context, Hono, Next } from 'hono'
import { routePath } from 'hono/route'
import { systemClock } from '@portcullis/runtime/clock'
import { isFramed } from './answer.ts'
import { answerHeaders } from './answer-header.ts'
import type { ClientIp } from './client-ip.ts'
import type { Env } from './env.ts'
import { answerProblem } from './problem.ts'

/** Settings of the frame around every call. */
export interface FrameOptions {
  /** Values of `Host` that are answered. */
  readonly hosts: ReadonlySet<string>
  readonly clientIp: ClientIp
  readonly log: Logger
  readonly logRequests: boolean
}

/** A user agent is cut to so many characters. */
const userAgentMost = 512
/** What callers may name their request; anything else gets a name of ours. */
const requestIdForm = /^[A-Za-z0-9_.-]{8,64}$/

const seconds = meter().createHistogram('portcullis_http_seconds', {
  description: 'Seconds from the first byte of a request to its answer',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] },
})

/** Puts the frame around every call: who asks, which host, headers, errors, metrics, log. */
export function frame(app: Hono<Env>, options: FrameOptions): void {
  app.use(async (c, next) => {
    const beganMs = systemClock.monotonicMs()
    const caller = callerOf(c, options.clientIp)
    c.set('caller', caller)
    const refusal = refusalOfHost(c, options.hosts)
    if (refusal === undefined) await next()
    else c.res = answerProblem(c, new Failure(refusal))
    if (!isFramed(c)) {
      for (const [name, value] of answerHeaders) if (!c.res.headers.has(name)) c.res.headers.set(name, value)
      for (const [name, value] of Object.entries(c.get('rateLimit') ?? {})) c.res.headers.set(name, value)
      c.res.headers.set('x-request-id', caller.requestId)
    }
    const took = (systemClock.monotonicMs() - beganMs) / 1000
    const labels = { method: c.req.method, route: routePath(c, -1), status: c.res.status }
    seconds.record(took, labels)
    if (options.logRequests || c.res.status >= 400) {
      const told = { requestId: caller.requestId, ...labels, ms: Math.round(took * 1000), ...describeRefusal(c) }
      options.log.info(told, 'answered')
    }
  })
  app.notFound((c) => answerProblem(c, new Failure('not_found')))
  app.onError((error, c) => answerProblem(c, asFailure(error, c, options.log)))
}

/** A call with the methods that its path knows; any other is 405 with `Allow` (RFC 9110 section 15.5.6). */
export function refuseOtherMethods(app: Hono<Env>, path: string, methods: readonly string[]): void {
  app.all(path, (c: Context<Env>, _next: Next) => {
    return answerProblem(c, new Failure('method_not_allowed'), { allow: methods.join(', ') })
  })
}

function callerOf(c: Context<Env>, clientIp: ClientIp): Env['Variables']['caller'] {
  const { incoming } = c.env
  const asked = incoming.headers['x-request-id']
  const parent = parseTraceparent(headerText(incoming.headers['traceparent']))
  return {
    ip: clientIp(incoming.socket.remoteAddress, headerText(incoming.headers['x-forwarded-for'])),
    userAgent: incoming.headers['user-agent']?.slice(0, userAgentMost) ?? null,
    requestId: typeof asked === 'string' && requestIdForm.test(asked) ? asked : newUuid(),
    traceparent: parent === undefined ? newTraceparent() : childTraceparent(parent),
  }
}

/**
 * The code of a refusal, and where it is more than a mistake what OWASP's logging vocabulary calls it. In the log and not in the
 * audit: whoever may send anything could fill that.
 */
function describeRefusal(c: Context<Env>): { readonly problemCode?: string; readonly event?: string } {
  const refusal = c.get('refusal')
  if (!refusal) return {}
  const extraneous = refusal.faults.some(({ code }) => code === 'unknown_field' || code === 'unknown_parameter')
  const event = extraneous ? 'malicious_extraneous' : events[refusal.code]
  return { problemCode: refusal.code, ...(event !== undefined && { event }) }
}

const events: Partial<Record<ErrorCode, string>> = {
  scope_missing: 'authz_fail',
  cross_site_refused: 'malicious_cors',
  rate_limited: 'excess_rate_limit_exceeded',
  validation_failed: 'input_validation_fail',
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value
}

/** The host decides nothing here; a wrong one is refused all the same, for what stands before or behind us. */
function refusalOfHost(c: Context<Env>, hosts: ReadonlySet<string>): 'malformed_request' | 'host_unknown' | undefined {
  const { incoming } = c.env
  // Two readers might take two different ones (RFC 9112 section 3.2).
  if (incoming.rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host').length !== 1)
    return 'malformed_request'
  const target = incoming.url ?? '/'
  // A target in absolute form names a host of its own, and it wins over the header (RFC 9112 section 3.2.2).
  const named = target.startsWith('/') ? incoming.headers.host : URL.parse(target)?.host
  return named !== undefined && hosts.has(named.toLowerCase()) ? undefined : 'host_unknown'
}

function asFailure(error: unknown, c: Context<Env>, log: Logger): Failure {
  if (error instanceof Failure && error.code !== 'internal_error') {
    if (error.code === 'store_unavailable') log.warn({ err: error }, 'the store is away')
    return error
  }
  if (isStoreAway(error)) {
    log.warn({ err: error }, 'the store is away')
    return new Failure('store_unavailable')
  }
  log.error({ err: error, requestId: c.get('caller')?.requestId }, 'a request failed')
  return new Failure('internal_error')
}
