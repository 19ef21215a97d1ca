import { type Endpoint, hasBareRefusals } from '@portcullis/contracts/api/endpoint'
import { endpoints, type EndpointName } from '@portcullis/contracts/api/index'
import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { LivingClient } from '@portcullis/db/queries/api-client'
import type { LivingRental } from '@portcullis/db/queries/rental'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Caller } from '@portcullis/domain/caller'
import type { ResolveCredential } from '@portcullis/domain/credential/resolve'
import type { Quota, TellQuota } from '@portcullis/domain/throttle/quota'
import type { Context, Hono } from 'hono'
import type { z } from 'zod'
import { answerFramed } from './answer.ts'
import type { Env } from './env.ts'
import { styleOnlyPolicy } from './style-only-policy.ts'
import { deviceToken } from './cookie.ts'
import { refuseCrossSite } from './cross-site.ts'
import { type Asker, requireCredential, requireRental, requireWatcher } from './credential.ts'
import { rateLimitHeaders } from './rate-limit.ts'
import { readBody, readIdempotencyKey, readParams, readQuery } from './read-call.ts'

type Endpoints = typeof endpoints
type Parsed<Name extends EndpointName, Part extends 'body' | 'params' | 'query'> = Endpoints[Name] extends {
  [key in Part]: infer Schema extends z.ZodType
}
  ? z.output<Schema>
  : undefined

type AccessOf<Name extends EndpointName> = Endpoints[Name] extends { access: infer A } ? A : undefined

/** A call that was read and checked. */
export interface Call<Name extends EndpointName> {
  /** Parsed and checked; not so a signed one, see `signedBody`. */
  readonly body: Endpoints[Name] extends { bodyType: 'signed' } ? undefined : Parsed<Name, 'body'>
  /** The bytes that were signed, on calls whose body is: not yet verified, nor parsed. */
  readonly signedBody: Endpoints[Name] extends { bodyType: 'signed' } ? Uint8Array : undefined
  /** A header as it was sent. */
  readonly header: (name: string) => string | undefined
  readonly params: Parsed<Name, 'params'>
  readonly query: Parsed<Name, 'query'>
  /** The session that asks, on calls that need one; where an API key may ask as well, only if it is a session. */
  readonly session: AccessOf<Name> extends { kind: 'watcher' }
    ? LivingSession | undefined
    : AccessOf<Name> extends { kind: 'session' }
      ? AccessOf<Name> extends { apiKeyScope: string }
        ? LivingSession | undefined
        : LivingSession
      : undefined
  /** Whose call it is, by session or API key. */
  readonly accountId: AccessOf<Name> extends { kind: 'session' } ? Id<'account'> : undefined
  /** The API client that asks, on calls for those. */
  readonly client: AccessOf<Name> extends { kind: 'client' }
    ? LivingClient
    : AccessOf<Name> extends { kind: 'watcher' }
      ? LivingClient | undefined
      : undefined
  /** What was sent as the watch token of an operation, on calls that take one: not yet judged. */
  readonly watchToken: AccessOf<Name> extends { kind: 'watcher' } ? string | undefined : undefined
  /** Whether the credential that asked is alive still, for answers that go on. */
  readonly stillAlive: () => Promise<boolean>
  /** Id of the last event that a stream's reader has. */
  readonly lastEventId: string | undefined
  /** The rented server that asks, on calls for those. */
  readonly rental: AccessOf<Name> extends { kind: 'rental' } ? LivingRental : undefined
  readonly caller: Caller
  /** Puts into the answer how the limit of attempts stands that this call counts against. */
  readonly tellQuota: TellQuota
  /** What the browser carries from an earlier login, if anything. */
  readonly deviceToken: string | undefined
  /** Value of `Idempotency-Key`, on calls that honour it. */
  readonly idempotencyKey: string | undefined
}

/** An answer: a status of the endpoint, its body, and cookies to be set. */
export type Answer =
  | {
      readonly status: 200 | 201 | 202
      readonly body: Record<string, unknown> | readonly unknown[]
      readonly cookies?: readonly string[]
      /** Where what was accepted can be watched. */
      readonly location?: string
      /** Anybody may keep it for so many seconds. Absent: nobody keeps it. */
      readonly cacheSeconds?: number
    }
  | { readonly status: 204; readonly cookies?: readonly string[] }
  | MediaAnswer
  | StreamAnswer
  | PageAnswer

/** An answer that goes on: what the endpoint's `media` says, as it comes. */
export interface StreamAnswer {
  readonly status: 200
  readonly stream: ReadableStream<Uint8Array>
  /** A table in place of JSON, and what the file is called that a browser makes of it. */
  readonly csvName?: string
}

/** A whole page in place of JSON, for calls that can give one. */
export interface PageAnswer {
  readonly status: 200
  readonly page: string
  /** The only style that the page may have. */
  readonly style: string
}

/** An answer of the endpoint's `media`. `tag`: with `If-None-Match` that names it, 304 is sent instead. */
export interface MediaAnswer {
  readonly status: 200
  readonly media: string | Uint8Array<ArrayBuffer>
  readonly tag?: string
}

/** What the gateway does on a call: one verb, and its result as an answer. Refusals are thrown `Failure`s. */
export type Route<Name extends EndpointName> = (call: Call<Name>) => Promise<Answer>

/**
 * A call whose own question of the store is asked together with the one who asks, to wait once instead of twice. What `begin`
 * does may be no more than anybody may have done; what it found is told by the route it gives, which runs only for whoever may ask.
 */
export interface EarlyRoute<Name extends EndpointName> {
  readonly begin: (body: Call<Name>['body']) => Route<Name>
}

/** A route for each call of the contract: a missing one does not compile. */
export type Routes = { readonly [Name in EndpointName]: Route<Name> | EarlyRoute<Name> }

/** What every call is read with. */
export interface MountOptions {
  readonly bodyBytesMost: number
  readonly resolve: ResolveCredential
  readonly resolveRental: (token: string) => Promise<LivingRental | undefined>
  /** Origin of our own pages. */
  readonly origin: string
}

// A proxy that holds the answer back until it is whole would hold it for minutes.
function streamHeaders({ media }: Endpoint, { csvName }: StreamAnswer): Record<string, string> {
  if (csvName !== undefined) {
    const disposition = `attachment; filename="${csvName}"`
    return { 'content-type': 'text/csv; charset=utf-8; header=present', 'content-disposition': disposition }
  }
  const type = media === 'application/x-ndjson' ? media : 'text/event-stream; charset=utf-8'
  return { 'content-type': type, 'x-accel-buffering': 'no' }
}

function pageHeaders(style: string): Record<string, string> {
  return { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': styleOnlyPolicy(style) }
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' }

/** The body of an answer, and what the header says of it. */
function written(answer: Exclude<Answer, MediaAnswer | StreamAnswer | PageAnswer>): {
  readonly body: string | null
  readonly headers: Record<string, string>
} {
  return answer.status === 204
    ? { body: null, headers: {} }
    : {
        body: JSON.stringify(answer.body),
        headers: {
          ...jsonHeaders,
          ...(answer.location !== undefined && { location: answer.location }),
          ...(answer.cacheSeconds !== undefined && { 'cache-control': `public, max-age=${answer.cacheSeconds}` }),
        },
      }
}

/** Puts one call of the contract on the app: who asks, then what, then the verb. */
export function mount<Name extends EndpointName>(
  app: Hono<Env>,
  name: Name,
  route: Route<Name> | EarlyRoute<Name>,
  options: MountOptions,
): void {
  const endpoint: Endpoint = endpoints[name]
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1')
  app.on(endpoint.method, path, async (c) => {
    if (hasBareRefusals(endpoint)) c.set('bareRefusals', true)
    const early = 'begin' in route ? readCall(c, endpoint, route, options) : undefined
    // Whoever may not ask is told that, and nothing of what they asked.
    early?.catch(() => {})
    const asker = await findAsker(c, endpoint, options)
    const query = readQuery(endpoint, c.env.incoming.url)
    const params = endpoint.params && readParams(endpoint.params, c.req.param())
    const { body: read, run } = await (early ?? readCall(c, endpoint, route, options))
    const signed = endpoint.bodyType === 'signed'
    const call = {
      ...asker,
      query,
      params,
      body: signed ? undefined : read,
      signedBody: signed ? read : undefined,
      header: (header: string) => c.req.header(header),
      caller: c.get('caller'),
      tellQuota: (quota: Quota) => {
        if (endpoint.ratePolicy !== undefined) c.set('rateLimit', rateLimitHeaders(endpoint.ratePolicy, quota))
      },
      deviceToken: deviceToken(c.req.header('cookie')),
      lastEventId: c.req.header('last-event-id'),
      stillAlive: () => isAlive(c, endpoint, options),
      idempotencyKey: endpoint.idempotent ? readIdempotencyKey(c.req.header('idempotency-key')) : undefined,
    }
    // Guarantee: each part was parsed by this endpoint's own schema, just above.
    const answer = await run(call as Call<Name>)
    if ('media' in answer) return answerMedia(c, endpoint, answer)
    if ('stream' in answer) return c.body(answer.stream, 200, streamHeaders(endpoint, answer))
    if ('page' in answer) return c.body(answer.page, 200, pageHeaders(answer.style))
    const { body, headers } = written(answer)
    // Several cookies need as many headers of one name, which a plain record has not.
    for (const cookie of answer.cookies ?? []) c.header('set-cookie', cookie, { append: true })
    if (answer.cookies === undefined) return answerFramed(c, answer.status, body, headers)
    return answer.status === 204 ? c.body(null, 204) : c.body(body ?? '', answer.status, headers)
  })
}

/** The body of a call, read and checked, and what answers it. */
async function readCall<Name extends EndpointName>(
  c: Context<Env>,
  endpoint: Endpoint,
  route: Route<Name> | EarlyRoute<Name>,
  options: MountOptions,
): Promise<{ readonly body: unknown; readonly run: Route<Name> }> {
  const body = await readBody(c, endpoint, options.bodyBytesMost)
  // Guarantee: it was parsed by this endpoint's own schema.
  return { body, run: 'begin' in route ? route.begin(body as Call<Name>['body']) : route }
}

async function findAsker(c: Context<Env>, { access, refusals }: Endpoint, options: MountOptions): Promise<Asker> {
  if (!access) {
    // A login that another site starts would leave the browser in an account of the attacker's.
    if (refusals.includes('cross_site_refused')) refuseCrossSite(c, options.origin)
    return {}
  }
  if (access.kind === 'rental') return requireRental(c, options.resolveRental)
  if (access.kind === 'watcher') return requireWatcher(c, options.resolve)
  return requireCredential(c, access, options.resolve, options.origin)
}

/** A store that is away is no word about the credential: that is thrown on. */
async function isAlive(c: Context<Env>, endpoint: Endpoint, options: MountOptions): Promise<boolean> {
  try {
    await findAsker(c, endpoint, options)
    return true
  } catch (error) {
    if (error instanceof Failure && error.code !== 'store_unavailable') return false
    throw error
  }
}

function answerMedia(c: Context<Env>, { media = 'text/plain' }: Endpoint, answer: MediaAnswer): Response {
  const type = media === 'text/plain' ? `${media}; charset=utf-8` : media
  if (answer.tag === undefined) return c.body(answer.media, 200, { 'content-type': type })
  const etag = `"${answer.tag}"`
  // RFC 9110 13.1.2: compared weakly; `*` is whatever there is.
  const known = (c.req.header('if-none-match') ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  if (known.includes(etag) || known.includes('*')) return c.body(null, 304, { etag })
  return c.body(answer.media, 200, { 'content-type': type, etag })
}
