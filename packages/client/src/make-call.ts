import type { Endpoint } from '@portcullis/contracts/api/endpoint'
import type { EndpointName } from '@portcullis/contracts/api/index'
import { attempt, type Attempted } from './attempt.ts'
import { bearer, buildBody, buildUrl, type RawInput } from './build-request.ts'
import type { CallOptions } from './call-type.ts'
import { newIdempotencyKey } from './chance.ts'
import { ConnectionError } from './connection-error.ts'
import type { Credential } from './credential.ts'
import { type Answer, readAnswer } from './read-answer.ts'
import { isSafeToRepeat, waitBefore } from './repeat.ts'
import { pause } from './pause.ts'
import { readProblem } from './read-problem.ts'
import { TimeoutError } from './timeout-error.ts'

export type { RawInput } from './build-request.ts'

/** What every call of a client is made with. */
export interface CallSettings {
  readonly baseUrl: string
  readonly credential: Credential | undefined
  readonly fetch: typeof fetch
  readonly timeoutMs: number
  readonly retriesMost: number
  readonly userAgent: string | undefined
}

/** Makes one call: sends it, again where that is safe and may help, and reads its answer. */
export async function makeCall(
  settings: CallSettings,
  endpoint: Endpoint & { readonly name: EndpointName },
  input: RawInput,
  options: CallOptions,
): Promise<Answer> {
  const { signal, timeoutMs = settings.timeoutMs } = options
  const url = buildUrl(settings.baseUrl, endpoint, input)
  const request = await buildRequest(settings, endpoint, input, options)
  const retriesMost = isSafeToRepeat(endpoint) ? settings.retriesMost : 0
  for (let attempts = 1; ; attempts += 1) {
    signal?.throwIfAborted()
    const tried = await attempt({ fetch: settings.fetch, url, request, timeoutMs, signal })
    if ('response' in tried && tried.response.status < 400) return readAnswer(endpoint, tried.response, tried.bytes)
    const waitMs = attempts > retriesMost ? undefined : waitBefore(attempts, tried)
    if (waitMs === undefined) throw errorOf(endpoint.name, tried, timeoutMs, attempts)
    await pause(waitMs, signal)
  }
}

async function buildRequest(
  settings: CallSettings,
  endpoint: Endpoint,
  input: RawInput,
  options: CallOptions,
): Promise<RequestInit> {
  const { body, type } = buildBody(endpoint, input)
  const { credential } = settings
  const token = typeof credential === 'function' ? await credential() : credential
  const headers = new Headers({ accept: endpoint.media ?? 'application/json', ...options.headers })
  if (type !== undefined) headers.set('content-type', type)
  if (token !== undefined) headers.set('authorization', bearer(token))
  if (settings.userAgent !== undefined) headers.set('user-agent', settings.userAgent)
  // One key for all attempts: the server then does the call once.
  if (endpoint.idempotent) headers.set('idempotency-key', `"${options.idempotencyKey ?? newIdempotencyKey()}"`)
  // The API never redirects; whoever does is not to be followed with a credential.
  return { method: endpoint.method, headers, redirect: 'error', ...(body !== undefined && { body }) }
}

function errorOf(call: EndpointName, tried: Attempted, timeoutMs: number, attempts: number): Error {
  if ('response' in tried) return readProblem(call, tried.response, tried.bytes, attempts)
  if (tried.failed === 'timeout') return new TimeoutError(call, timeoutMs, attempts)
  return new ConnectionError(call, tried.reason, attempts)
}
