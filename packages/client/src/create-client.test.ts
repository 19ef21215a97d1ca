import { getEventListeners, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { buildOpenApi } from '@portcullis/contracts/openapi'
import { endpoints, type EndpointName } from '@portcullis/contracts/api/index'
import type { Endpoint } from '@portcullis/contracts/api/endpoint'
import { errors, type ErrorCode } from '@portcullis/contracts/errors'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AnswerError } from './answer-error.ts'
import { ConnectionError } from './connection-error.ts'
import { type Calls, type Client, type ClientOptions, createClient } from './create-client.ts'
import { ProblemError } from './problem-error.ts'
import { TimeoutError } from './timeout-error.ts'

/** A server that says what the test wants; the last of `replies` is given for ever. */
interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly atMs: number
}
type Reply = (response: ServerResponse, request: IncomingMessage) => void

let server: Server
let baseUrl = ''
let heard: Heard[] = []
let replies: Reply[] = []
/** Settled when the next request has arrived whole. */
let arrived = Promise.withResolvers<void>()

beforeAll(async () => {
  server = createServer((request, response) => void hear(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  baseUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  heard = []
  arrived = Promise.withResolvers()
})

async function hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const { method = '', url = '', headers } = request
  heard.push({ method, url, headers, body, atMs: performance.now() })
  arrived.resolve()
  const reply = replies.length > 1 ? replies.shift() : replies[0]
  reply?.(response, request)
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
const problem = (code: ErrorCode, headers: Record<string, string> = {}): Reply =>
  json(
    errors[code].status,
    {
      type: `/docs/problems#${code}`,
      code,
      title: errors[code].title,
      status: errors[code].status,
      detail: errors[code].title,
      requestId: 'request-1',
    },
    { 'content-type': 'application/problem+json; charset=utf-8', 'x-request-id': 'request-1', ...headers },
  )
const cut: Reply = (response) => response.socket?.destroy()
const half: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
  response.write('{', () => response.socket?.destroy())
}
const silent: Reply = () => {}

const token = 'pcs_planted-token-4f1c'
const client = (options: Partial<ClientOptions> = {}): Client =>
  createClient({ baseUrl, credential: token, ...options })
const wish = { body: { name: 'Nightly', scopes: ['sessions:read'] } }
const left = { left: 9 }

describe('a request', () => {
  it('says who asks and what, as the contract has it', async () => {
    replies = [json(200, left, { 'x-request-id': 'of-ours' })]
    const answer = await client({ userAgent: 'shop/1' }).countBackupCodes({}, { headers: { traceparent: 'trace' } })
    expect([answer.status, answer.body, answer.headers.get('x-request-id')]).toEqual([200, left, 'of-ours'])
    expect(heard).toMatchObject([{ method: 'GET', url: '/v1/account/backup-codes', body: '' }])
    expect(heard[0]?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      'user-agent': 'shop/1',
      accept: 'application/json',
      traceparent: 'trace',
    })
    expect(heard[0]?.headers).not.toHaveProperty('content-type')
    expect(heard[0]?.headers).not.toHaveProperty('idempotency-key')
  })

  it('carries its parts: path, query, JSON, form', async () => {
    replies = [json(200, { revoked: 3 })]
    await client().revokeSessions({ query: { except: 'current' } })
    await client().revokeSessions()
    replies = [json(200, { active: false })]
    await client().introspectToken({ body: { token: 'a&b=c', token_type_hint: 'access_token' } })
    replies = [(response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('a line\n')]
    const keys = await client().fetchAuthorizedKeys({ params: { id: 'srv/../1' }, query: { user: 'root' } })
    expect(keys.body).toBe('a line\n')
    replies = [json(202, { status: 'accepted' })]
    await client().requestPasswordReset({ body: { email: 'ada@example.com' } })
    expect(heard.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['DELETE', '/v1/account/sessions?except=current', ''],
      ['DELETE', '/v1/account/sessions', ''],
      ['POST', '/v1/introspect', 'token=a%26b%3Dc&token_type_hint=access_token'],
      ['GET', '/v1/rentals/srv%2F..%2F1/authorized-keys?user=root', ''],
      ['POST', '/v1/password-resets', '{"email":"ada@example.com"}'],
    ])
    expect(heard.map(({ headers }) => headers['content-type'])).toEqual([
      undefined,
      undefined,
      'application/x-www-form-urlencoded',
      undefined,
      'application/json',
    ])
  })

  it('with bytes for an answer gives the bytes, and 304 without', async () => {
    const list = Buffer.from([0, 255, 128, 10])
    replies = [
      (response) => response.writeHead(200, { 'content-type': 'application/octet-stream', etag: '"1"' }).end(list),
      (response) => response.writeHead(304).end(),
    ]
    const first = await client().fetchRevokedKeys()
    expect([first.status, Buffer.from(first.body ?? []), first.headers.get('etag')]).toEqual([200, list, '"1"'])
    const again = await client().fetchRevokedKeys({}, { headers: { 'if-none-match': '"1"' } })
    expect([again.status, again.body, heard[1]?.headers['if-none-match']]).toEqual([304, null, '"1"'])
  })

  it.each(['', '.', '..'])('for the thing %j is not sent: its address would be that of all of them', async (id) => {
    await expect(client().revokeSession({ params: { id } })).rejects.toThrow('params.id must name one thing')
    // A program without types gives what it likes.
    const call = client().revokeSession as (input: object) => Promise<unknown>
    await expect(call({})).rejects.toThrow('params.id must name one thing')
    expect(heard).toEqual([])
  })

  it('goes on with a new credential where it is given one, and asks a function each time', async () => {
    replies = [json(200, left)]
    const tokens = ['pcs_first', 'pcs_second']
    const asking = client({ credential: async () => tokens.shift() })
    await asking.countBackupCodes()
    await asking.countBackupCodes()
    await asking.countBackupCodes()
    await asking.withCredential('pcs_third').countBackupCodes()
    const sent = heard.map(({ headers }) => headers.authorization)
    expect(sent).toEqual(['Bearer pcs_first', 'Bearer pcs_second', undefined, 'Bearer pcs_third'])
  })

  it('below a path of its own keeps that path', async () => {
    replies = [json(200, left)]
    await client({ baseUrl: new URL(`${baseUrl}/security/`) }).countBackupCodes()
    expect(heard[0]?.url).toBe('/security/v1/account/backup-codes')
  })

  it.each([
    'ftp://a.example',
    'account.example.com',
    'https://ada:secret@a.example',
    'https://a.example/?token=secret',
  ])('is never made for the base %j, and the error does not repeat it', (given) => {
    const make = () => createClient({ baseUrl: given })
    expect(make).toThrow(/^baseUrl must/)
  })
})

describe('a safe call', () => {
  it.each<[string, Reply]>([
    ['a lost connection', cut],
    ['half an answer', half],
    ['503', problem('store_unavailable', { 'retry-after': '0' })],
    ['429', problem('rate_limited', { 'retry-after': '0' })],
  ])('is sent again after %s', async (_what, bad) => {
    replies = [bad, bad, json(200, left)]
    expect((await client().countBackupCodes()).body).toEqual(left)
    expect(heard).toHaveLength(3)
  })

  it('that makes something keeps one Idempotency-Key over its attempts, and has another the next time', async () => {
    replies = [cut, cut, json(202, { status: 'accepted' })]
    await client().requestPasswordReset({ body: { email: 'ada@example.com' } })
    await client().requestPasswordReset({ body: { email: 'ada@example.com' } })
    const keys = heard.map(({ headers }) => headers['idempotency-key'])
    expect(keys[0]).toMatch(/^"[0-9a-f-]{36}"$/)
    expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]])
    expect(keys[3]).not.toBe(keys[0])
    await client().requestPasswordReset({ body: { email: 'ada@example.com' } }, { idempotencyKey: 'my-own' })
    expect(heard.at(-1)?.headers['idempotency-key']).toBe('"my-own"')
  })

  it.each<[string, (at: Client) => Promise<unknown>]>([
    ['DELETE', (at) => at.deleteSession()],
    ['PUT', (at) => at.confirmTwoFactor({ body: { code: '123456' } })],
  ])('by its method %s is sent again', async (_method, call) => {
    replies = [cut]
    await expect(call(client())).rejects.toMatchObject({ name: 'ConnectionError', attempts: 3 })
    expect(heard).toHaveLength(3)
  })

  it('waits as long as the server asks, by seconds or by moment, whatever the clock here says', async () => {
    const moment = { date: 'Sun, 22 Nov 2026 09:00:00 GMT', 'retry-after': 'Sun, 22 Nov 2026 09:00:01 GMT' }
    replies = [problem('rate_limited', { 'retry-after': '1' }), problem('rate_limited', moment), json(200, left)]
    await client().countBackupCodes()
    const [first = 0, second = 0, third = 0] = heard.map(({ atMs }) => atMs)
    expect(second - first).toBeGreaterThanOrEqual(990)
    expect(third - second).toBeGreaterThanOrEqual(990)
  })

  it('that is asked to wait for long is not sent again: the caller is told', async () => {
    replies = [problem('rate_limited', { 'retry-after': '3600' })]
    await expect(client().countBackupCodes()).rejects.toMatchObject({ retryAfterSeconds: 3600, attempts: 1 })
    expect(heard).toHaveLength(1)
  })

  it('is sent again as often as is allowed, and no more', async () => {
    replies = [cut]
    await expect(client({ retriesMost: 4 }).getSession()).rejects.toMatchObject({ attempts: 5 })
    await expect(client({ retriesMost: 0 }).getSession()).rejects.toMatchObject({ attempts: 1 })
    expect(heard).toHaveLength(6)
  })

  it.each<ErrorCode>(['validation_failed', 'internal_error', 'not_found'])(
    'is not sent again after %s',
    async (code) => {
      replies = [problem(code)]
      await expect(client().getSession()).rejects.toMatchObject({ code, attempts: 1 })
      expect(heard).toHaveLength(1)
    },
  )
})

describe('a call that must not be done twice', () => {
  it.each<[string, Reply, string]>([
    ['a lost connection', cut, 'ConnectionError'],
    ['503', problem('store_unavailable', { 'retry-after': '0' }), 'ProblemError'],
    ['429', problem('rate_limited', { 'retry-after': '0' }), 'ProblemError'],
  ])('is sent once, also on %s', async (_what, reply, name) => {
    replies = [reply]
    const login = client().createSession({ body: { email: 'ada@example.com', password: 'a password' } })
    await expect(login).rejects.toMatchObject({ name, attempts: 1 })
    const renamed = client().renameAccount({ body: { name: 'Ada' } })
    await expect(renamed).rejects.toMatchObject({ name, attempts: 1 })
    expect(heard).toHaveLength(2)
  })
})

describe('time', () => {
  it('each attempt has its own, and the last to run out is told', async () => {
    replies = [silent, silent, json(200, left)]
    expect((await client({ timeoutMs: 100 }).countBackupCodes()).body).toEqual(left)
    replies = [silent]
    const late = client({ retriesMost: 1 }).countBackupCodes({}, { timeoutMs: 60 })
    await expect(late).rejects.toThrow(TimeoutError)
    await expect(late).rejects.toMatchObject({ timeoutMs: 60, attempts: 2 })
  })

  it('runs out also while an answer trickles in', async () => {
    replies = [(response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{')]
    await expect(client({ timeoutMs: 100, retriesMost: 0 }).getSession()).rejects.toThrow(TimeoutError)
  })

  it('an abort ends a call that is under way, with its reason, and is not taken for a lost connection', async () => {
    replies = [silent]
    const stop = new AbortController()
    const call = client().getSession({}, { signal: stop.signal })
    await arrived.promise
    stop.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    expect(heard).toHaveLength(1)
  })

  it('an abort ends the wait between two attempts', async () => {
    replies = [problem('rate_limited', { 'retry-after': '15' })]
    const stop = new AbortController()
    const began = performance.now()
    const call = client().getSession({}, { signal: stop.signal })
    await arrived.promise
    setTimeout(() => stop.abort(new Error('enough')), 50)
    await expect(call).rejects.toThrow('enough')
    expect(performance.now() - began).toBeLessThan(5_000)
    await expect(client().getSession({}, { signal: AbortSignal.abort('before') })).rejects.toBe('before')
    expect(heard).toHaveLength(1)
  })
})

it('a call that is over leaves no timer and no listener behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const { signal } = new AbortController()
  replies = [cut, json(200, left)]
  const before = timers()
  for (let count = 0; count < 20; count += 1) await client({ timeoutMs: 60_000 }).countBackupCodes({}, { signal })
  replies = [problem('not_found')]
  await expect(client({ timeoutMs: 60_000 }).countBackupCodes({}, { signal })).rejects.toThrow(ProblemError)
  expect(getEventListeners(signal, 'abort')).toEqual([])
  // The test runner has a few of its own.
  expect(timers() - before).toBeLessThan(10)
})

describe('a refusal', () => {
  it('is thrown with all that the server told, and what it means for a retry', async () => {
    const faults = [{ pointer: '/name', code: 'too_long', detail: 'must have at most 60 characters' }]
    const body = {
      type: 'x',
      code: 'validation_failed',
      title: 'T',
      status: 422,
      detail: 'D',
      requestId: 'r',
      errors: faults,
    }
    replies = [json(422, body, { 'content-type': 'application/problem+json', 'x-request-id': 'request-2' })]
    const refused = await client()
      .createApiKey(wish)
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ProblemError)
    expect(refused).toMatchObject({
      call: 'createApiKey',
      status: 422,
      code: 'validation_failed',
      detail: 'D',
      errors: faults,
      requestId: 'request-2',
      retryAfterSeconds: undefined,
      attempts: 1,
      mayRetry: false,
    })
    replies = [problem('store_unavailable', { 'retry-after': '60' })]
    await expect(client().getSession()).rejects.toMatchObject({ retryAfterSeconds: 60, mayRetry: true })
  })

  it.each<[string, Reply, number]>([
    ['without a body', (response) => response.writeHead(404).end(), 404],
    ['of a proxy', (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad</h1>'), 502],
    [
      'that is no JSON',
      (response) => response.writeHead(400, { 'content-type': 'application/problem+json' }).end('{'),
      400,
    ],
  ])('%s is told by its status', async (_what, reply, status) => {
    replies = [reply]
    await expect(client().getSession()).rejects.toMatchObject({
      name: 'ProblemError',
      status,
      code: undefined,
      errors: [],
    })
  })

  it('with a code and fields that only a newer server knows keeps what is understood', async () => {
    const body = { type: 'x', code: 'moon_is_full', title: 'T', status: 409, detail: 'Wait.', requestId: 'r', moon: 1 }
    replies = [json(409, body, { 'content-type': 'application/problem+json' })]
    await expect(client().getSession()).rejects.toMatchObject({ status: 409, code: undefined, detail: 'Wait.' })
  })
})

describe('an answer', () => {
  const document = buildOpenApi({ title: 'Acme', serverUrl: 'https://a.example' })
  const samples = Object.values(endpoints as Record<EndpointName, Endpoint>).flatMap((call) => {
    const { responses } = document.paths[call.path]![call.method.toLowerCase()]!
    return Object.entries(responses).flatMap(([status, { content }]) => {
      const example = content?.['application/json']?.example
      return example === undefined ? [] : [{ name: call.name as EndpointName, status: Number(status), example }]
    })
  })
  const callAny = (name: EndpointName) => {
    const call = client()[name] as (input: object) => Promise<{ status: number; body: unknown }>
    return call({ params: { id: 'x', name: 'x' }, query: {}, body: {} })
  }

  it.each(samples)('of $name with $status may hold more than is known, at any depth; it is dropped', async (sample) => {
    replies = [json(sample.status, addUnknown(sample.example))]
    expect(await callAny(sample.name)).toMatchObject({ status: sample.status, body: sample.example })
    // The contract's own schema refuses what it does not know, but for tables that may hold anything.
    const strict = (endpoints[sample.name] as Endpoint).answers[sample.status]
    expect(strict?.safeParse((await callAny(sample.name)).body)).toMatchObject({ success: true })
    expect(strict?.safeParse(addUnknown(sample.example))).toMatchObject({ success: false })
  })

  it.each<[string, Reply, string[]]>([
    ['is no JSON', (response) => response.end('<h1>Welcome</h1>'), ['']],
    ['lacks a field', json(200, {}), ['/left']],
    ['has a field of another type', json(200, { left: 'planted-value' }), ['/left']],
    ['has a status that the call has not', json(201, left), []],
    ['comes from elsewhere', (response) => response.writeHead(204).end(), []],
  ])('that %s is told as such, without its values', async (_what, reply, pointers) => {
    replies = [reply]
    const wrong = await client()
      .countBackupCodes()
      .catch((error: unknown) => error)
    expect(wrong).toBeInstanceOf(AnswerError)
    expect(wrong).toMatchObject({ call: 'countBackupCodes', pointers })
    expect(inspect(wrong, { depth: 9 })).not.toContain('planted-value')
  })

  it('that leads elsewhere is not followed', async () => {
    replies = [(response) => response.writeHead(307, { location: `${baseUrl}/elsewhere` }).end()]
    await expect(client({ retriesMost: 0 }).getSession()).rejects.toThrow(ConnectionError)
    expect(heard).toHaveLength(1)
  })
})

describe('a list', () => {
  const entry = {
    type: 'login',
    occurredAt: '2026-11-22T09:14:07Z',
    outcome: 'success',
    factors: 'password',
    network: null,
  }
  const page = (device: string, nextCursor: string | null) =>
    json(200, { items: [{ ...entry, location: 'Germany', device }], nextCursor })

  it('is walked page by page, each asked for when it is wanted', async () => {
    replies = [page('a', 'c1'), page('b', 'c2'), page('c', null)]
    const devices: string[] = []
    for await (const { items } of client().pages('listActivity', { query: { limit: 1 } })) {
      devices.push(...items.map((item) => ('device' in item ? item.device : '')))
      expect(heard).toHaveLength(devices.length)
    }
    expect(devices).toEqual(['a', 'b', 'c'])
    const path = '/v1/account/activity?limit=1'
    expect(heard.map(({ url }) => url)).toEqual([path, `${path}&cursor=c1`, `${path}&cursor=c2`])
  })

  it('that leads to itself ends in an error, not in a circle', async () => {
    replies = [page('a', 'c1')]
    const walk = async () => {
      for await (const _page of client().pages('listActivity')) void _page
    }
    await expect(walk()).rejects.toThrow(AnswerError)
    expect(heard).toHaveLength(2)
  })
})

describe('a secret', () => {
  const password = 'planted-password-88d1'
  const planted = [token.slice(4), password]

  it('is in no error, however it is looked at', async () => {
    const login = { body: { email: 'ada@example.com', password } }
    const provoked: unknown[] = []
    const provoke = async (reply: Reply, options: Partial<ClientOptions> = {}) => {
      replies = [reply]
      provoked.push(
        await client({ timeoutMs: 200, ...options })
          .createSession(login)
          .catch((error: unknown) => error),
      )
    }
    await provoke(cut)
    await provoke(silent)
    await provoke(problem('login_refused'))
    await provoke(json(200, { echo: password }))
    await provoke((response, request) => response.writeHead(500).end(request.headers.authorization))
    await provoke(silent, { baseUrl: 'http://127.0.0.1:1' })
    await provoke(silent, { credential: `${token}\n` })
    await provoke(silent, { credential: `${token}ü` })
    expect(provoked.map((error) => (error as Error).name)).toEqual([
      'ConnectionError',
      'TimeoutError',
      'ProblemError',
      'AnswerError',
      'ProblemError',
      'ConnectionError',
      'TypeError',
      'TypeError',
    ])
    for (const error of provoked) {
      const shown = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`
      for (const secret of planted) expect(shown).not.toContain(secret)
    }
  })

  it('is not seen in the client either', () => {
    const shown = inspect(client(), { depth: 9, showHidden: true })
    expect(shown).toContain('createSession')
    expect(shown).not.toContain(token.slice(4))
  })
})

it('has a method for each call of the contract', () => {
  const methods: Calls = client()
  expect(Object.keys(methods).toSorted()).toEqual([...Object.keys(endpoints), 'pages', 'withCredential'].toSorted())
})

function addUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(addUnknown)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, field]) => [name, addUnknown(field)])
  return { ...Object.fromEntries(fields), unknownField: { deep: 1 } }
}
