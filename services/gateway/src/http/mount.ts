import { endpoints, type EndpointName } from '@portcullis/contracts/api/index'
import { Failure } from '@portcullis/contracts/errors'
import type { Caller } from '@portcullis/domain/caller'
import type { Hono } from 'hono'
import type { z } from 'zod'
import { answerFramed } from './answer.ts'
import type { Env } from './env.ts'
import { checkInput } from './check-input.ts'
import { readJsonBody } from './read-body.ts'

type Endpoints = typeof endpoints
type BodyOf<Name extends EndpointName> = Endpoints[Name] extends { body: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined

/** A call that was read and checked. */
export interface Call<Name extends EndpointName> {
  readonly body: BodyOf<Name>
  readonly caller: Caller
  /** Value of `Idempotency-Key`, on calls that honour it. */
  readonly idempotencyKey: string | undefined
}

/** An answer: a status of the endpoint and its body. */
export type Answer =
  | { readonly status: 200 | 201 | 202; readonly body: Record<string, unknown> }
  | { readonly status: 204 }

/** What the gateway does on a call: one verb, and its result as an answer. Refusals are thrown `Failure`s. */
export type Route<Name extends EndpointName> = (call: Call<Name>) => Promise<Answer>

/** A route for each call of the contract: a missing one does not compile. */
export type Routes = { readonly [Name in EndpointName]: Route<Name> }

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' }

/** Puts one call of the contract on the app. */
export function mount<Name extends EndpointName>(
  app: Hono<Env>,
  name: Name,
  route: Route<Name>,
  bytesMost: number,
): void {
  const endpoint = endpoints[name]
  app.on(endpoint.method, endpoint.path, async (c) => {
    refuseQuery(c.env.incoming.url)
    const body = checkInput(endpoint.body, await readJsonBody(c, bytesMost))
    const answer = await route({
      // Guarantee: parsed by this endpoint's own schema, one line above.
      body: body as BodyOf<Name>,
      caller: c.get('caller'),
      idempotencyKey: 'idempotent' in endpoint ? readIdempotencyKey(c.req.header('idempotency-key')) : undefined,
    })
    if (answer.status === 204) return answerFramed(c, 204, null, {})
    return answerFramed(c, answer.status, JSON.stringify(answer.body), jsonHeaders)
  })
}

/** None of these calls has query parameters: a stray one is a mistake, or a secret in the wrong place. */
function refuseQuery(target: string | undefined): void {
  const at = target?.indexOf('?') ?? -1
  if (at < 0 || target === undefined || at === target.length - 1) return
  const fault = { pointer: '', code: 'unknown_parameter', detail: 'this call takes no query parameters' }
  throw new Failure('validation_failed', { faults: [fault] })
}

/** A quoted string, as the draft has it, or the bare value; 255 printable ASCII characters at most. */
function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  const detail = 'the header Idempotency-Key must be 1 to 255 printable ASCII characters without spaces'
  throw new Failure('validation_failed', { faults: [{ pointer: '', code: 'idempotency_key_invalid', detail }] })
}
