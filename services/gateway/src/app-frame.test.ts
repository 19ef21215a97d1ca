import { endpoints } from '@portcullis/contracts/api/index'
import type { Problem } from '@portcullis/contracts/api/problem'
import { useDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerHeaders } from './http/answer-header.ts'
import { trustProxies } from './http/client-ip.ts'
import { pagePaths } from './page/page-table.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type RawAnswer, sendRaw } from './testing/raw-http.ts'
import { checkRefusal, readRefusal } from './testing/read-refusal.ts'
import { countRows, expectUnchanged } from './testing/store-count.ts'

const store = useDatabase()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())

const reset = '/v1/password-resets'
const body = '{"email":"ada@example.com"}'
/** Each address of the contract as it is mounted, with its methods. */
const methodsOf = Map.groupBy(Object.values(endpoints), ({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1'))

/** A whole request, with what a client would never write. */
function request(target: string, lines: readonly string[], method = 'POST'): string {
  const own = [`Content-Type: application/json`, `Content-Length: ${body.length}`, 'Connection: close']
  return `${[`${method} ${target} HTTP/1.1`, ...lines, ...own].join('\r\n')}\r\n\r\n${body}`
}

function refusalOf({ status, headers, body }: RawAnswer): Problem {
  return checkRefusal({ status, headers: new Map(Object.entries(headers)), body })
}

/** Every row of every table, as text. */
async function wholeStore(): Promise<string> {
  const texts = Object.keys(await countRows(store.database)).map((table) =>
    store.database.sql.unsafe(`select to_jsonb(t)::text as row from "${table}" t`),
  )
  return JSON.stringify(await Promise.all(texts))
}

describe('what is mounted', () => {
  it('is every call of the contract, every page, and nothing else', () => {
    const answered = gateway.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`)
    const expected = [
      ...[...methodsOf].flatMap(([path, calls]) => calls.map(({ method }) => `${method} ${path}`)),
      ...pagePaths.map((path) => `GET ${path}`),
    ]
    expect(answered.toSorted()).toEqual(expected.toSorted())
  })

  it('answers any other method of those addresses with 405, and has the frame around everything', () => {
    const any = gateway.routes.filter(({ method }) => method === 'ALL').map(({ path }) => path)
    expect(any.toSorted()).toEqual([...methodsOf.keys(), ...pagePaths, '/*'].toSorted())
  })
})

describe('every answer', () => {
  it.each([
    ['of a call', () => gateway.post(reset, { email: 'ada@example.com' }), 202],
    ['that refuses', () => gateway.post(reset, {}), 422],
    ['of an address that is not there', () => fetch(`${gateway.url}/v1/admin`), 404],
    ['to a method that is not there', () => fetch(gateway.url + reset), 405],
  ])('%s carries exactly the headers of the house', async (_what, ask, status) => {
    const response = await ask()
    expect(response.status).toBe(status)
    for (const [name, value] of answerHeaders) expect(response.headers.get(name), name).toBe(value)
    const own = ['content-length', 'content-type', 'date', 'x-request-id', 'connection', 'keep-alive', 'allow']
    const known = new Set([...answerHeaders.map(([name]) => name), ...own])
    expect([...response.headers.keys()].filter((name) => !known.has(name))).toEqual([])
  })

  it('of a call is JSON in UTF-8 by name', async () => {
    const response = await gateway.post(reset, { email: 'ada@example.com' })
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  it('of every page carries them, with a policy of its own', async () => {
    for (const path of pagePaths) {
      const { headers } = await fetch(gateway.url + path)
      for (const name of [
        'strict-transport-security',
        'x-content-type-options',
        'referrer-policy',
        'cross-origin-resource-policy',
      ]) {
        expect(headers.get(name), `${path} ${name}`).toBe(new Map(answerHeaders).get(name))
      }
      const policy = headers.get('content-security-policy')
      expect(policy).toMatch(/^default-src 'none'; /)
      expect(policy).toContain("base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
    }
  })
})

describe('an address that is not there is 404', () => {
  it.each([
    '/v1',
    '/v1/accounts/',
    '/V1/accounts',
    '/v1/accounts/..%2f',
    '/docs/',
    '/.env',
    '/metrics',
    '/livez',
    '/%00',
    '/favicon.ico',
    '//docs',
  ])('%s', async (path) => {
    const answer = await sendRaw(gateway.port, [request(path, [`Host: ${gateway.host}`], 'GET')])
    expect(refusalOf(answer)).toMatchObject({ code: 'not_found' })
  })
})

describe('a method that an address does not know is 405 with Allow and changes nothing', () => {
  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])('%s on a call', async (method) => {
    for (const [path, calls] of methodsOf) {
      const known: readonly string[] = calls.map((call) => call.method)
      if (known.includes(method)) continue
      const answer = await expectUnchanged(store.database, () =>
        sendRaw(gateway.port, [request(path, [`Host: ${gateway.host}`], method)]),
      )
      expect(refusalOf(answer)).toMatchObject({ code: 'method_not_allowed' })
      expect(answer.headers['allow']).toBe(known.join(', '))
    }
  })

  it('HEAD on a call, without a body', async () => {
    const response = await fetch(gateway.url + reset, { method: 'HEAD' })
    expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([405, 'POST', ''])
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('%s on a page', async (method) => {
    for (const path of pagePaths) {
      const answer = await sendRaw(gateway.port, [request(path, [`Host: ${gateway.host}`], method)])
      expect(refusalOf(answer)).toMatchObject({ code: 'method_not_allowed' })
      expect(answer.headers['allow']).toBe('GET, HEAD')
    }
  })

  it('and TRACE gives nothing back of what was sent', async () => {
    const answer = await sendRaw(gateway.port, [request('/', [`Host: ${gateway.host}`, 'Cookie: secret=1'], 'TRACE')])
    expect(answer.text).not.toContain('secret')
  })

  it('while HEAD on a page tells what GET would', async () => {
    const [head, get] = await Promise.all(['HEAD', 'GET'].map((method) => fetch(`${gateway.url}/docs`, { method })))
    expect(head?.status).toBe(200)
    expect(head?.headers.get('etag')).toBe(get?.headers.get('etag'))
    expect(await head?.text()).toBe('')
  })

  it('and a foreign origin is given no leave', async () => {
    const response = await fetch(gateway.url + reset, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('a forged host', () => {
  it.each([
    ['another name', () => ['Host: evil.example']],
    ['another port', () => ['Host: 127.0.0.1:1']],
    ['no port', () => ['Host: 127.0.0.1']],
    ['a user in front', () => [`Host: evil@${gateway.host}`]],
    ['a name behind', () => [`Host: ${gateway.host}.evil.example`]],
    ['a path behind', () => [`Host: ${gateway.host}/evil`]],
    ['nothing', () => ['Host: ']],
  ])('%s is refused and changes nothing', async (_what, lines) => {
    const answer = await expectUnchanged(store.database, () => sendRaw(gateway.port, [request(reset, lines())]))
    expect(['host_unknown', 'malformed_request']).toContain(refusalOf(answer).code)
  })

  it.each([
    ['two hosts', () => [`Host: ${gateway.host}`, 'Host: evil.example']],
    ['two hosts, the good one last', () => ['Host: evil.example', `Host: ${gateway.host}`]],
    ['no host', () => []],
  ])('%s are a malformed request', async (_what, lines) => {
    const answer = await expectUnchanged(store.database, () => sendRaw(gateway.port, [request(reset, lines())]))
    expect(refusalOf(answer)).toMatchObject({ status: 400, code: 'malformed_request' })
  })

  it('is a 421 where it is well formed', async () => {
    const answer = await sendRaw(gateway.port, [request(reset, ['Host: evil.example'])])
    expect(refusalOf(answer)).toMatchObject({ status: 421, code: 'host_unknown' })
  })

  it('in an absolute target is refused, whatever the header says', async () => {
    const answer = await expectUnchanged(store.database, () =>
      sendRaw(gateway.port, [request(`http://evil.example${reset}`, [`Host: ${gateway.host}`])]),
    )
    expect(refusalOf(answer)).toMatchObject({ status: 421, code: 'host_unknown' })
  })

  it('in a header of proxies is not looked at, and reaches no row: links keep the configured origin', async () => {
    const forged = [
      'X-Forwarded-Host: evil.example',
      'Forwarded: host=evil.example;proto=http',
      'X-Host: evil.example',
      'X-Original-URL: /v1/evil.example',
      'Origin: https://evil.example',
      'Referer: https://evil.example/',
    ]
    const answer = await sendRaw(gateway.port, [request(reset, [`Host: ${gateway.host}`, ...forged])])
    expect(answer.status).toBe(202)
    expect(await wholeStore()).not.toContain('evil')
    const { servers } = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { servers: { url: string }[] }
    expect(servers.map(({ url }) => url)).toEqual(['https://account.acme.example'])
  })

  it('is refused on pages, too', async () => {
    const answer = await sendRaw(gateway.port, [request('/reset-password', ['Host: evil.example'], 'GET')])
    expect(refusalOf(answer).code).toBe('host_unknown')
  })
})

describe('a request that is no HTTP is a 400 problem with every header', () => {
  it.each([
    ['a method of its own', () => request('/', [`Host: ${gateway.host}`], 'HACK')],
    ['a length and chunks at once', () => request(reset, [`Host: ${gateway.host}`, 'Transfer-Encoding: chunked'])],
    ['two lengths', () => request(reset, [`Host: ${gateway.host}`, 'Content-Length: 3'])],
    ['a line feed in a header', () => request(reset, [`Host: ${gateway.host}`, 'X-A: a\nX-B: b\u0000'])],
    ['a space before the colon', () => request(reset, [`Host: ${gateway.host}`, 'X-A : a'])],
    ['headers without end', () => request(reset, [`Host: ${gateway.host}`, `X-A: ${'a'.repeat(20_000)}`])],
    ['a target that is no path', () => request('*', [`Host: ${gateway.host}`], 'OPTIONS')],
    ['a greeting of TLS', () => '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n'],
  ])('%s', async (_what, text) => {
    const answer = await expectUnchanged(store.database, () => sendRaw(gateway.port, [text()]))
    expect([400, 421]).toContain(refusalOf(answer).status)
  })
})

describe('who asks', () => {
  const ipOf = async (requestId: string) => {
    const [row] = await store.database.sql<{ ip: string | null }[]>`
      select host(r.ip) as ip from password_resets r join audit_events a on a.subject_id = r.id where a.request_id = ${requestId}`
    return row?.ip
  }
  const spoofed = {
    'x-forwarded-for': '198.51.100.7, 127.0.0.1',
    'x-real-ip': '198.51.100.8',
    'x-user-id': 'admin',
    forwarded: 'for=198.51.100.9',
  }

  it('is the peer, not what a header says, when no proxy is trusted', async () => {
    await gateway.post(reset, { email: 'ada@example.com' }, { ...spoofed, 'x-request-id': 'ip-untrusted' })
    expect(await ipOf('ip-untrusted')).toBe('127.0.0.1')
  })

  it('is what the trusted proxy added, and nothing before it', async () => {
    const behind = await openGateway(store.database, { clientIp: trustProxies(['127.0.0.1']) })
    await behind.post(
      reset,
      { email: 'ada@example.com' },
      { 'x-forwarded-for': '10.0.0.1, 203.0.113.5', 'x-request-id': 'ip-proxied' },
    )
    await behind.close()
    expect(await ipOf('ip-proxied')).toBe('203.0.113.5')
  })

  it('has a user agent of 512 characters at most, and none of it in the log', async () => {
    const agent = `Mozilla ${'x'.repeat(8000)}`
    expect(
      (await gateway.post(reset, { email: 'ada@example.com' }, { 'user-agent': agent, 'x-request-id': 'long-agent' }))
        .status,
    ).toBe(202)
    const [row] = await store.database.sql<
      { agent: string }[]
    >`select r.user_agent as agent from password_resets r join audit_events a on a.subject_id = r.id where a.request_id = 'long-agent'`
    expect(row?.agent).toBe(agent.slice(0, 512))
    expect(gateway.logged.join('')).not.toContain('Mozilla')
  })
})

describe('a request', () => {
  it.each(['0198c0de-7a11-7e57-8000-5ec0de5ec0de', 'a'.repeat(64), 'my_req.id-1'])(
    'keeps the name %s that its caller gave it',
    async (name) => {
      const good = await gateway.post(reset, { email: 'ada@example.com' }, { 'x-request-id': name })
      expect(good.headers.get('x-request-id')).toBe(name)
      const refused = await readRefusal(await gateway.post(reset, {}, { 'x-request-id': name }))
      expect(refused.requestId).toBe(name)
    },
  )

  it.each([
    'short',
    'a'.repeat(65),
    'has a space',
    '<script>alert(1)</script>',
    'a"b"c"d"e',
    'log\tinjection',
    'ünïcödé-name',
  ])('is given a name of ours in place of %j', async (name) => {
    const answer = await sendRaw(gateway.port, [
      Buffer.from(request(reset, [`Host: ${gateway.host}`, `X-Request-Id: ${name}`]), 'latin1'),
    ])
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(gateway.logged.join('')).not.toContain(name)
  })

  it('takes its trace on into the ledger, with a span of its own', async () => {
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await gateway.post(reset, { email: 'ada@example.com' }, { traceparent: parent })
    const rows = await store.database.sql<
      { traceparent: string }[]
    >`select traceparent from jobs where traceparent like '00-0af7651916cd43dd8448eb211c80319c-%'`
    expect(rows).toHaveLength(1)
    expect(rows[0]?.traceparent).toMatch(/-01$/)
    expect(rows[0]?.traceparent).not.toContain('b7ad6b7169203331')
  })

  it.each(['00-00000000000000000000000000000000-b7ad6b7169203331-01', 'nonsense', "00-'; drop table jobs;--"])(
    'begins a trace of its own where %s is none',
    async (traceparent) => {
      const before = await store.database.sql<{ id: string }[]>`select id from jobs`
      await gateway.post(reset, { email: 'ada@example.com' }, { traceparent })
      const rows = await store.database.sql<
        { traceparent: string }[]
      >`select traceparent from jobs where id <> all(${before.map(({ id }) => id)}::uuid[])`
      expect(rows.map((row) => row.traceparent)).toEqual([
        expect.stringMatching(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/),
      ])
    },
  )

  it('is logged as one line without address, body or host, whatever it sends', async () => {
    const from = gateway.logged.length
    await gateway.post(`${reset}?email=eve@example.com`, { email: 'ada@example.com', x: '\n{"level":"fatal"}' })
    const lines = gateway.logged.slice(from).join('')
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { msg: string }).msg),
    ).toEqual(['answered'])
    expect(lines).not.toMatch(/example\.com|fatal/)
  })
})
