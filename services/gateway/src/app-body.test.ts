import { gzipSync } from 'node:zlib'
import type { Endpoint } from '@portcullis/contracts/api/endpoint'
import { endpoints } from '@portcullis/contracts/api/index'
import { useDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { sendRaw } from './testing/raw-http.ts'
import { checkRefusal, readRefusal } from './testing/read-refusal.ts'
import { expectUnchanged } from './testing/store-count.ts'

const store = useDatabase()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())

/**
 * Calls that anybody may make: where a credential is asked for, that comes first, and nothing is read without it. So does a
 * signature over the raw body.
 */
const paths = Object.values(endpoints)
  .flatMap((call: Endpoint) => (call.body && !call.access && call.bodyType !== 'signed' ? [call.path] : []))
  .map((path) => path.replace('{id}', 'lck_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'))
const reset = '/v1/password-resets'

function send(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(gateway.url + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

const refuse = (path: string, body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>) =>
  expectUnchanged(store.database, async () => readRefusal(await send(path, body, headers)))

describe('a body that is not JSON is refused with 400 and changes nothing', () => {
  it.each([
    ['empty', ''],
    ['cut', '{"email":"ada@example.com"'],
    ['JavaScript', "{email:'ada@example.com'}"],
    ['with a comment', '{"email":"ada@example.com"/**/}'],
    ['two values', '{"email":"ada@example.com"}{}'],
    ['with a raw control character', '{"email":"ada\n@example.com"}'],
    ['a form', 'email=ada%40example.com'],
    ['not UTF-8', Uint8Array.from(Buffer.from('{"email":"ad\xe1@example.com"}', 'latin1'))],
    ['UTF-16', Uint8Array.from(Buffer.from('{"email":"ada@example.com"}', 'utf16le'))],
  ])('%s', async (_what, body) => {
    for (const path of paths) expect(await refuse(path, body)).toMatchObject({ status: 400, code: 'malformed_request' })
  })

  it('when its framing breaks on the way, with every header, and it is no fault of ours', async () => {
    const head = `POST ${reset} HTTP/1.1\r\nHost: ${gateway.host}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    const { status, headers, body } = await expectUnchanged(store.database, () =>
      sendRaw(gateway.port, [head, '5\r\n{"ema\r\n', 'zz\r\n']),
    )
    expect(checkRefusal({ status, headers: new Map(Object.entries(headers)), body })).toMatchObject({ status: 400 })
    expect(gateway.logged.join('')).not.toContain('a request failed')
  })
})

describe('a value of another type is refused with its place, and changes nothing', () => {
  it.each(['null', '1', '"ada@example.com"', '[]', '[{"email":"ada@example.com"}]', 'true'])(
    '%s instead of an object',
    async (body) => {
      const problem = await refuse(reset, body)
      expect(problem).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '', code: 'wrong_type' }] })
    },
  )

  it.each([
    ['an array', '["ada@example.com","bob@example.com"]'],
    ['an object', '{"toString":"ada@example.com"}'],
    ['a number', '1e999'],
    ['null', 'null'],
    ['a boolean', 'true'],
  ])('%s instead of an address', async (_what, value) => {
    const problem = await refuse(reset, `{"email":${value}}`)
    expect(problem.errors).toEqual([{ pointer: '/email', code: 'wrong_type', detail: 'must be a string' }])
  })

  it('and all that is missing is told at once', async () => {
    const problem = await refuse('/v1/accounts', '{}')
    expect(problem.errors).toEqual(
      ['/email', '/password', '/name'].map((pointer) => ({ pointer, code: 'required', detail: 'is required' })),
    )
  })
})

describe('a field that the call does not have is refused, and changes nothing', () => {
  const whole = { email: 'ada@example.com', password: 'plum-Kettle-47-orbit', name: 'Ada' }

  it.each([
    'role',
    'emailVerified',
    'accountId',
    'scopes',
    'slot',
    'createdAt',
    'id',
    'state',
    'passwordHash',
    'constructor',
    'prototype',
    'hasOwnProperty',
  ])('mass assignment of %s', async (field) => {
    const problem = await refuse('/v1/accounts', JSON.stringify({ ...whole, [field]: 'admin' }))
    expect(problem.errors).toEqual([
      { pointer: `/${field}`, code: 'unknown_field', detail: 'is not a field of this call' },
    ])
    const logged = gateway.logged.filter((line) => line.includes(problem.requestId)).map((line) => JSON.parse(line))
    expect(logged).toMatchObject([{ problemCode: 'validation_failed', event: 'malicious_extraneous' }])
  })

  it.each([
    ['at the top', '{"email":"ada@example.com","__proto__":{"admin":true}}', '/__proto__'],
    [
      'spelled with an escape',
      String.raw`{"email":"ada@example.com","\u005f_proto__":{"email":"eve@example.com"}}`,
      '/__proto__',
    ],
    ['alone, in place of the fields', '{"__proto__":{"email":"ada@example.com"}}', '/__proto__'],
    ['nested', '{"email":{"a":[{"__proto__":{"admin":true}}]}}', '/email/a/0/__proto__'],
  ])('__proto__ %s', async (_what, body, pointer) => {
    const problem = await refuse(reset, body)
    expect(problem.errors).toEqual([{ pointer, code: 'unknown_field', detail: 'is not a field of this call' }])
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('constructor.prototype nested', async () => {
    const problem = await refuse(reset, '{"email":"ada@example.com","constructor":{"prototype":{"admin":true}}}')
    expect(problem.errors).toMatchObject([{ pointer: '/constructor', code: 'unknown_field' }])
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('a name with a slash, a tilde or markup is told as a JSON Pointer, cut to 100 characters', async () => {
    const problem = await refuse(
      reset,
      JSON.stringify({ email: 'ada@example.com', 'a/b~c<script>': 1, ['x'.repeat(300)]: 1 }),
    )
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/a~1b~0c<script>', `/${'x'.repeat(100)}`])
  })

  it('a body of nothing but unknown fields does not make an answer many times its size', async () => {
    const many = Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`f${at}`, 1]))
    const problem = await refuse(reset, JSON.stringify(many))
    expect(problem.errors).toHaveLength(50)
  })
})

describe('an address is named once', () => {
  it.each([
    ['twice in the body', '{"email":"ada@example.com","email":"eve@example.com"}'],
    ['twice, once in disguise', String.raw`{"email":"ada@example.com","\u0065mail":"eve@example.com"}`],
    ['twice, the same', '{"email":"ada@example.com","email":"ada@example.com"}'],
  ])('%s is refused', async (_what, body) => {
    const problem = await refuse(reset, body)
    expect(problem.errors).toEqual([{ pointer: '/email', code: 'duplicate_field', detail: 'must not be sent twice' }])
  })

  it.each(['?email=eve@example.com', '?email=a@x.example&email=b@x.example', '?token=abc', '?x'])(
    'a query parameter is refused: %s',
    async (query) => {
      const problem = await refuse(reset + query, '{"email":"ada@example.com"}')
      expect(problem).toMatchObject({ status: 422, errors: [{ code: 'unknown_parameter' }] })
    },
  )
})

describe('an address that could become two, or a header, is refused and changes nothing', () => {
  const addresses = [
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com%0d%0aBcc:eve@example.com',
    '"a\r\nSubject: x"@example.com',
    'ada@example.com,eve@example.com',
    'ada@example.com;eve@example.com',
    'ada@example.com eve@example.com',
    'ada@example.com%00eve@example.com',
    'ada@example.com\u0000eve@example.com',
    'ada@example.com\u2028eve@example.com',
    'Ada <ada@example.com>',
    '<ada@example.com>',
    'ada@eve@example.com',
    'ada@[127.0.0.1]',
    'ada@localhost',
    '-oX/tmp/x@example.com',
    '|id@example.com',
    'a\u200bda@example.com',
    'ada@exam\u00adple.com',
    'ada\u202e@example.com',
    ' ada@example.com',
    'ada@example.com\n',
    'ada\ud800@example.com',
    '@example.com',
    'ada@',
  ]
  it.each(addresses)('%j', async (email) => {
    const body = { email, password: 'plum-Kettle-47-orbit', name: 'Ada' }
    expect(await refuse(reset, JSON.stringify({ email }))).toMatchObject({
      status: 422,
      errors: [{ pointer: '/email' }],
    })
    expect(await refuse('/v1/accounts', JSON.stringify(body))).toMatchObject({
      status: 422,
      errors: [{ pointer: '/email' }],
    })
  })

  it.each(['Ada\nBcc: eve@example.com', 'Ada\r', 'Ada\u0000', 'Ada\u001b[31m', '\u202eadA', 'Ada\ud800', '   ', ''])(
    'and so is a name: %j',
    async (name) => {
      const body = { email: 'ada@example.com', password: 'plum-Kettle-47-orbit', name }
      expect(await refuse('/v1/accounts', JSON.stringify(body))).toMatchObject({
        status: 422,
        errors: [{ pointer: '/name' }],
      })
    },
  )
})

describe('a look-alike', () => {
  it('is folded into the key that is compared, and its typed form is never stored', async () => {
    expect((await gateway.post(reset, { email: 'ﬁSH@\u212Aexample.com' })).status).toBe(202)
    const rows = await store.database.sql<{ key: string }[]>`select email_key as key from password_resets`
    expect(rows.map(({ key }) => key)).toEqual(['fish@kexample.com'])
  })

  it('in another script is another address', async () => {
    expect((await gateway.post(reset, { email: '\u0430da@example.com' })).status).toBe(202)
    const rows = await store.database.sql<
      { key: string }[]
    >`select email_key as key from password_resets where email_key like '%da@example.com'`
    expect(rows.map(({ key }) => key)).toEqual(['\u0430da@example.com'])
  })
})

describe('a body in another dress is refused with 415 before it is read', () => {
  const json = '{"email":"ada@example.com"}'
  it.each([
    ['text/plain', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a multipart form', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['problem+json', { 'content-type': 'application/problem+json' }],
    ['JSON by another name', { 'content-type': 'text/json' }],
    ['two types', { 'content-type': 'application/json, text/plain' }],
    ['another parameter', { 'content-type': 'application/json; boundary=x' }],
    ['UTF-16', { 'content-type': 'application/json; charset=utf-16' }],
    ['Latin-1', { 'content-type': 'application/json; charset=iso-8859-1' }],
    ['UTF-7', { 'content-type': 'application/json;charset=utf-7' }],
    ['gzip by name only', { 'content-encoding': 'gzip' }],
    ['brotli', { 'content-encoding': 'br' }],
    ['two codings', { 'content-encoding': 'identity, gzip' }],
  ])('%s', async (_what, headers) => {
    for (const path of paths)
      expect(await refuse(path, json, headers)).toMatchObject({ code: 'unsupported_media_type' })
  })

  it('a gzip bomb is not unpacked', async () => {
    const bomb = Uint8Array.from(gzipSync(`{"email":"${'a'.repeat(10_000_000)}"}`))
    expect(await refuse(reset, bomb, { 'content-encoding': 'gzip' })).toMatchObject({ status: 415 })
  })

  it('no type at all', async () => {
    const head = `POST ${reset} HTTP/1.1\r\nHost: ${gateway.host}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`
    expect(await sendRaw(gateway.port, [head])).toMatchObject({ status: 415 })
  })

  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
  ])('but %s is taken', async (type) => {
    expect((await send(reset, json, { 'content-type': type })).status).toBe(202)
  })
})

describe('a body that is too large is refused with 413 and changes nothing', () => {
  const headFor = (more: string) =>
    `POST ${reset} HTTP/1.1\r\nHost: ${gateway.host}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`

  it.each(paths)('%s', async (path) => {
    const body = JSON.stringify({ email: 'ada@example.com', password: 'x'.repeat(1_000_000) })
    expect(await refuse(path, body)).toMatchObject({ status: 413, code: 'body_too_large' })
  })

  it('by what it declares, before a byte of it has come', async () => {
    const answer = await expectUnchanged(store.database, () =>
      sendRaw(gateway.port, [headFor('Content-Length: 999999999')]),
    )
    expect(answer.status).toBe(413)
  })

  it('by what has come, while its sender is still sending', async () => {
    let sent = 0
    function* endless() {
      yield headFor('Transfer-Encoding: chunked')
      for (; sent < 100_000; sent += 1) yield `400\r\n${' '.repeat(1024)}\r\n`
    }
    const answer = await expectUnchanged(store.database, () => sendRaw(gateway.port, endless()))
    expect(answer.status).toBe(413)
    expect(checkRefusal({ ...answer, headers: new Map(Object.entries(answer.headers)) }).code).toBe('body_too_large')
    expect(sent).toBeLessThan(100_000)
  })

  it('to the byte: the last that fits is read', async () => {
    const fill = (size: number) => `{"email":"ada@example.com"}`.padEnd(size)
    expect((await send(reset, fill(16_384))).status).toBe(202)
    expect((await send(reset, fill(16_385))).status).toBe(413)
  })
})

describe('deep nesting', () => {
  it('of ten thousand levels is too large', async () => {
    expect(await refuse(reset, '['.repeat(10_000) + ']'.repeat(10_000))).toMatchObject({ status: 413 })
  })

  it('of as many levels as fit is a wrong type, at the top and inside', async () => {
    const deep = '['.repeat(8000) + ']'.repeat(8000)
    expect(await refuse(reset, deep)).toMatchObject({ status: 422, errors: [{ code: 'wrong_type' }] })
    expect(await refuse(reset, `{"email":${deep}}`)).toMatchObject({
      errors: [{ pointer: '/email', code: 'wrong_type' }],
    })
    const objects = `${'{"a":'.repeat(2500)}1${'}'.repeat(2500)}`
    expect(await refuse(reset, objects)).toMatchObject({
      errors: [{ code: 'required' }, { pointer: '/a', code: 'unknown_field' }],
    })
  })
})
