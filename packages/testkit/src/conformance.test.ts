import { buildOpenApi } from '@portcullis/contracts/openapi'
import { describe, expect, it } from 'vitest'
import { type Exchange, judgeBy } from './conformance.ts'

const document = buildOpenApi({ title: 'Acme', serverUrl: 'https://account.acme.example' })
const requestId = '0198c0de-7a11-7e57-8000-5ec0de5ec0de'
const exampleOf = (name: string) => document.components.examples[name]?.value

interface Told {
  readonly method?: string
  readonly path?: string
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

function exchange({ method = 'GET', path = '/v1/account/backup-codes', status, headers = {}, body }: Told): Exchange {
  const text = body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body)
  const type = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }
  return {
    method,
    url: new URL(path, 'https://account.acme.example'),
    status,
    headers: new Headers({ 'x-request-id': requestId, ...type, ...headers }),
    bytes: new TextEncoder().encode(text),
  }
}

const problem = { 'content-type': 'application/problem+json' }
const judge = judgeBy(document)
const faultsOf = (told: Told) => judge(exchange(told))

describe('an answer as documented', () => {
  it.each<[string, Told]>([
    ['JSON', { status: 200, body: { left: 9 } }],
    ['nothing', { method: 'DELETE', path: '/v1/account/session', status: 204 }],
    [
      'a refusal',
      { status: 401, headers: { ...problem, 'www-authenticate': 'Bearer' }, body: exampleOf('credential_required') },
    ],
    ['a path with a parameter', { method: 'DELETE', path: '/v1/account/sessions/ses_1', status: 204 }],
    [
      'text',
      {
        path: '/v1/rentals/srv-1/authorized-keys',
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: 'a\n',
      },
    ],
    ['an empty refusal', { path: '/v1/rentals/srv-1/authorized-keys', status: 404 }],
    [
      'another method',
      { method: 'PUT', status: 405, headers: { ...problem, allow: 'GET' }, body: exampleOf('method_not_allowed') },
    ],
    ['HEAD', { method: 'HEAD', status: 200 }],
    ['HEAD where there is no GET', { method: 'HEAD', path: '/v1/sessions', status: 405, headers: { allow: 'POST' } }],
    ['no such call', { path: '/v1/nothing', status: 404, headers: problem, body: exampleOf('not_found') }],
    ['a page', { path: '/docs', status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' }],
  ])('passes: %s', (_what, told) => {
    expect(faultsOf(told)).toEqual([])
  })

  it('passes in every example that the document gives', () => {
    const examples = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { responses }]) =>
        Object.entries(responses).map(([status, { content }]) => ({
          method: method.toUpperCase(),
          path,
          status: Number(status),
          body: content?.['application/json']?.example,
        })),
      ),
    )
    const told = examples.filter(({ body }) => body !== undefined)
    expect(told.length).toBeGreaterThan(20)
    expect(told.flatMap((one) => faultsOf(one).map((fault) => `${one.method} ${one.path}: ${fault}`))).toEqual([])
  })
})

describe('an answer that is not as documented is found', () => {
  it.each<[string, Told, string]>([
    ['status', { status: 418, body: { left: 9 } }, 'the status 418 is not documented'],
    ['content type', { status: 200, headers: { 'content-type': 'text/html' }, body: { left: 9 } }, 'text/html is not'],
    ['missing field', { status: 200, body: {} }, "required property 'left'"],
    ['unknown field', { status: 200, body: { left: 9, right: 1 } }, 'must NOT have additional properties'],
    ['type of a field', { status: 200, body: { left: '9' } }, '/left must be integer'],
    ['no JSON', { status: 200, body: '{' }, 'no JSON'],
    [
      'body where none is',
      { method: 'DELETE', path: '/v1/account/session', status: 204, body: {} },
      'documented as empty',
    ],
    ['no body where one is', { status: 200 }, '(none) is not documented'],
    [
      'code of a refusal',
      { status: 404, path: '/v1/no', headers: problem, body: { code: 'nope' } },
      '/code must be equal',
    ],
    [
      'header of a 401',
      { status: 401, headers: problem, body: exampleOf('credential_required') },
      'WWW-Authenticate is missing',
    ],
    [
      'form of a header',
      { status: 503, headers: { ...problem, 'retry-after': 'soon' }, body: exampleOf('store_unavailable') },
      'Retry-After',
    ],
    ['unknown call', { path: '/v1/no', status: 200, body: {} }, '404 is due'],
    ['unknown method', { method: 'PUT', status: 200, body: {} }, '405 is due'],
    ['body of an empty refusal', { path: '/v1/ssh/revoked-keys.krl', status: 401, body: {} }, 'documented as empty'],
  ])('%s', (_what, told, fault) => {
    expect(faultsOf(told).join('\n')).toContain(fault)
  })

  it('also where it is the document that is wrong', () => {
    const told = exchange({ status: 200, body: { left: 9 } })
    expect(judge(told)).toEqual([])
    const { schemas } = document.components
    const fewer = { ...schemas['BackupCodesLeft'], properties: { left: { type: 'integer', maximum: 5 } } }
    const doctored = {
      ...document,
      components: { ...document.components, schemas: { ...schemas, BackupCodesLeft: fewer } },
    }
    expect(judgeBy(doctored)(told)).toEqual(['the body/left must be <= 5'])
    const without = { ...document, paths: {} }
    expect(judgeBy(without)(told)).toContain('no such call is documented, so 404 is due')
  })
})
