import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Failure } from '@portcullis/contracts/errors'
import { expect, test } from 'vitest'
import { childTraceparent, inSpan, newTraceparent, parseTraceparent, startTracing } from './tracing.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const valid = `00-${trace}-00f067aa0ba902b7-01`

test('a valid traceparent is given back as it is', () => {
  expect(parseTraceparent(valid)).toBe(valid)
})

test.each([
  ['nothing', undefined],
  ['an empty header', ''],
  ['a version of ff', valid.replace(/^00/, 'ff')],
  ['an all-zero trace id', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
  ['an all-zero span id', `00-${trace}-${'0'.repeat(16)}-01`],
  ['upper case', valid.toUpperCase()],
  ['a short trace id', valid.replace('4bf9', '4bf')],
  ['more after version 00', `${valid}-more`],
  ['a space before', ` ${valid}`],
  ['a line feed after', `${valid}\n`],
  ['two headers joined', `${valid},${valid}`],
  ['a later version that is longer without a hyphen', `01-${trace}-00f067aa0ba902b7-01x`],
])('%s is no traceparent', (_what, header) => {
  expect(parseTraceparent(header)).toBeUndefined()
})

test('a later version is read as far as version 00 goes', () => {
  expect(parseTraceparent(`cc-${trace}-00f067aa0ba902b7-09-what-comes-later`)).toBe(valid)
})

test('a child keeps trace and sampled flag, and has a span id of its own', () => {
  const children = Array.from({ length: 100 }, () => childTraceparent(valid))
  expect(new Set(children).size).toBe(100)
  expect(children.every((child) => parseTraceparent(child) === child)).toBe(true)
  expect(children.every((child) => child.startsWith(`00-${trace}-`) && child.endsWith('-01'))).toBe(true)
  expect(childTraceparent(valid.replace(/01$/, '00'))).toMatch(/-00$/)
  expect(parseTraceparent(childTraceparent('nonsense'))).toBeDefined()
})

test('without a collector the trace is carried all the same, and failures pass', async () => {
  const tracing = await startTracing({ service: 'probe' })
  const carried = await inSpan('outer', { kind: 'server', traceparent: valid }, (outer) =>
    inSpan('inner', { kind: 'producer', traceparent: outer }, async (inner) => [outer, inner]),
  )
  expect(new Set([valid, ...carried]).size).toBe(3)
  expect(carried.every((one) => one.includes(trace))).toBe(true)
  expect(parseTraceparent(newTraceparent())).toMatch(/-00$/)
  await expect(inSpan('bad', { kind: 'internal' }, () => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError)
  await tracing.close()
})

interface Sent {
  readonly path: string | undefined
  readonly body: string
}

test('with a collector every span is sent, with parent, kind and the code of a failure, but not its message', async () => {
  const sent: Sent[] = []
  const collector = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    sent.push({ path: request.url, body })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
  const { port } = collector.address() as AddressInfo

  const tracing = await startTracing({ service: 'probe', otlpUrl: `http://127.0.0.1:${port}/` })
  const unsampled = valid.replace(/01$/, '00')
  const work = inSpan('outer', { kind: 'consumer', traceparent: unsampled, attributes: { jobs: 2 } }, (outer) => {
    expect(outer).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`))
    return inSpan('inner', { kind: 'client' }, () =>
      Promise.reject(new Failure('store_unavailable', { internal: 'canary-5512' })),
    )
  })
  await expect(work).rejects.toThrow(Failure)
  await tracing.close()
  collector.closeAllConnections()
  collector.close()

  expect(sent.map((one) => one.path)).toEqual(['/v1/traces'])
  const all = sent.map((one) => one.body).join('')
  expect(all).not.toContain('canary-5512')
  const { resourceSpans } = JSON.parse(all)
  const spans = resourceSpans[0].scopeSpans[0].spans
  const [inner, outer] = spans
  expect([inner.name, outer.name]).toEqual(['inner', 'outer'])
  expect(outer).toMatchObject({ traceId: trace, parentSpanId: '00f067aa0ba902b7', kind: 5 })
  expect(inner).toMatchObject({ traceId: trace, parentSpanId: outer.spanId, kind: 3, status: { code: 2 } })
  expect(inner.attributes).toContainEqual({ key: 'error.type', value: { stringValue: 'store_unavailable' } })
  expect(JSON.stringify(resourceSpans[0].resource)).toContain('probe')
})

test('a collector that is away neither fails the work nor holds up the end', async () => {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  await once(gone, 'close')
  const tracing = await startTracing({ service: 'probe', otlpUrl: `http://127.0.0.1:${port}` })
  await expect(inSpan('work', { kind: 'internal' }, async () => 'done')).resolves.toBe('done')
  const beganMs = performance.now()
  await tracing.close()
  expect(performance.now() - beganMs).toBeLessThan(4500)
}, 10_000)
