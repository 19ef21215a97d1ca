import type { Endpoint } from '@portcullis/contracts/api/endpoint'
import { endpoints, type EndpointName } from '@portcullis/contracts/api/index'
import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { LivingClient } from '@portcullis/db/queries/api-client'
import type { LivingRental } from '@portcullis/db/queries/rental'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Caller } from '@portcullis/domain/caller'
import type { ResolveCredential } from '@portcullis/domain/credential/resolve'
import type { Context, Hono } from 'hono'
import type { z } from 'zod'
import { answerFramed } from './answer.ts'
import type { Env } from './env.ts'
import { deviceToken } from './cookie.ts'
import { checkInput } from './check-input.ts'
import { type Asker, requireCredential, requireRental } from './credential.ts'
import { readFormBody, readJsonBody } from './read-body.ts'

type Endpoints = typeof endpoints
type Parsed<Name extends EndpointName, Part extends 'body' | 'params' | 'query'> = Endpoints[Name] extends {
  [key in Part]: infer Schema extends z.ZodType
}
  ? z.output<Schema>
  : undefined

type AccessOf<Name extends EndpointName> = Endpoints[Name] extends { access: infer A } ? A : undefined

/** A call that was read and checked. */
export interface Call<Name extends EndpointName> {
  readonly body: Parsed<Name, 'body'>
  readonly params: Parsed<Name, 'params'>
  readonly query: Parsed<Name, 'query'>
  /** The session that asks, on calls that need one; where an API key may ask as well, only if it is a session. */
  readonly session: AccessOf<Name> extends { kind: 'session' }
    ? AccessOf<Name> extends { apiKeyScope: string }
      ? LivingSession | undefined
      : LivingSession
    : undefined
  /** Whose call it is, by session or API key. */
  readonly accountId: AccessOf<Name> extends { kind: 'session' } ? Id<'account'> : undefined
  /** The API client that asks, on calls for those. */
  readonly client: AccessOf<Name> extends { kind: 'client' } ? LivingClient : undefined
  /** The rented server that asks, on calls for those. */
  readonly rental: AccessOf<Name> extends { kind: 'rental' } ? LivingRental : undefined
  readonly caller: Caller
  /** What the browser carries from an earlier login, if anything. */
  readonly deviceToken: string | undefined
  /** Value of `Idempotency-Key`, on calls that honour it. */
  readonly idempotencyKey: string | undefined
}

/** An answer: a status of the endpoint, its body, and cookies to be set. */
export type Answer =
  | { readonly status: 200 | 201 | 202; readonly body: Record<string, unknown>; readonly cookies?: readonly string[] }
  | { readonly status: 204; readonly cookies?: readonly string[] }
  | MediaAnswer

/** An answer of the endpoint's `media`. `tag`: with `If-None-Match` that names it, 304 is sent instead. */
export interface MediaAnswer {
  readonly status: 200
  readonly media: string | Uint8Array<ArrayBuffer>
  readonly tag?: string
}

/** What the gateway does on a call: one verb, and its result as an answer. Refusals are thrown `Failure`s. */
export type Route<Name extends EndpointName> = (call: Call<Name>) => Promise<Answer>

/** A route for each call of the contract: a missing one does not compile. */
export type Routes = { readonly [Name in EndpointName]: Route<Name> }

/** What every call is read with. */
export interface MountOptions {
  readonly bodyBytesMost: number
  readonly resolve: ResolveCredential
  readonly resolveRental: (token: string) => Promise<LivingRental | undefined>
  /** Origin of our own pages. */
  readonly origin: string
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' }

/** The body of an answer, and what the header says of it. */
function written(answer: Exclude<Answer, MediaAnswer>): {
  readonly body: string | null
  readonly headers: Record<string, string>
} {
  return answer.status === 204
    ? { body: null, headers: {} }
    : { body: JSON.stringify(answer.body), headers: jsonHeaders }
}

/** Puts one call of the contract on the app: who asks, then what, then the verb. */
export function mount<Name extends EndpointName>(
  app: Hono<Env>,
  name: Name,
  route: Route<Name>,
  options: MountOptions,
): void {
  const endpoint: Endpoint = endpoints[name]
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1')
  app.on(endpoint.method, path, async (c) => {
    if (endpoint.media !== undefined) c.set('bareRefusals', true)
    const asker = await findAsker(c, endpoint, options)
    const readBody = endpoint.bodyType === 'form' ? readFormBody : readJsonBody
    const call = {
      ...asker,
      query: readQuery(endpoint, c.env.incoming.url),
      params: endpoint.params && readParams(endpoint.params, c.req.param()),
      body: endpoint.body && checkInput(endpoint.body, await readBody(c, options.bodyBytesMost)),
      caller: c.get('caller'),
      deviceToken: deviceToken(c.req.header('cookie')),
      idempotencyKey: endpoint.idempotent ? readIdempotencyKey(c.req.header('idempotency-key')) : undefined,
    }
    // Guarantee: each part was parsed by this endpoint's own schema, just above.
    const answer = await route(call as Call<Name>)
    if ('media' in answer) return answerMedia(c, endpoint, answer)
    const { body, headers } = written(answer)
    // Several cookies need as many headers of one name, which a plain record has not.
    for (const cookie of answer.cookies ?? []) c.header('set-cookie', cookie, { append: true })
    if (answer.cookies === undefined) return answerFramed(c, answer.status, body, headers)
    return answer.status === 204 ? c.body(null, 204) : c.body(body ?? '', answer.status, headers)
  })
}

async function findAsker(c: Context<Env>, { access }: Endpoint, options: MountOptions): Promise<Asker> {
  if (!access) return {}
  if (access.kind === 'rental') return requireRental(c, options.resolveRental)
  return requireCredential(c, access, options.resolve, options.origin)
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

/** A path that no thing can have is answered like one that nothing has. */
function readParams(schema: z.ZodType, params: unknown): unknown {
  const parsed = schema.safeParse(params)
  if (!parsed.success) throw new Failure('not_found')
  return parsed.data
}

/** Query parameters where the call has some; each once. Any other is a mistake, or a secret in the wrong place. */
function readQuery(endpoint: Endpoint, target: string | undefined): unknown {
  const at = target?.indexOf('?') ?? -1
  const entries = at < 0 || target === undefined ? [] : [...new URLSearchParams(target.slice(at + 1))]
  if (endpoint.query) {
    if (new Set(entries.map(([name]) => name)).size !== entries.length)
      throw parameterFault('duplicate_parameter', 'is given twice')
    return checkInput(endpoint.query, Object.fromEntries(entries))
  }
  if (entries.length > 0) throw parameterFault('unknown_parameter', 'this call takes no query parameters')
  return undefined
}

function parameterFault(code: string, detail: string): Failure {
  return new Failure('validation_failed', { faults: [{ pointer: '', code, detail }] })
}

/** A quoted string, as the draft has it, or the bare value; 255 printable ASCII characters at most. */
function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  const detail = 'the header Idempotency-Key must be 1 to 255 printable ASCII characters without spaces'
  throw new Failure('validation_failed', { faults: [{ pointer: '', code: 'idempotency_key_invalid', detail }] })
}
