import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { createGather } from './gather.ts'
import { createLogger } from './log.ts'
import { meter, startMetrics } from './metrics.ts'

const lines: string[] = []
const log = createLogger({
  service: 'probe',
  level: 'info',
  destination: { write: (line: string) => void lines.push(line) },
})
const state = { ready: (): Promise<boolean> => Promise.resolve(true), live: true }
const early = meter().createCounter('early.count')
early.add(3)

const server = await startMetrics({
  service: 'probe',
  host: '127.0.0.1',
  port: 0,
  ready: () => state.ready(),
  live: () => state.live,
  log,
})
afterAll(() => server.close())
const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init)

test('metrics are served as Prometheus text, with the name of the service and what was counted before the start', async () => {
  const answer = await get('/metrics')
  const text = await answer.text()
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(text).toContain('target_info{service_name="probe"} 1')
  expect(text).toMatch(/^early_count_total 3$/m)
})

test('the process tells its memory, the delay of its event loop and its uptime', async () => {
  const text = await (await get('/metrics')).text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  expect(value('process_memory_usage')).toBeGreaterThan(10e6)
  expect(value('v8js_memory_heap_used')).toBeGreaterThan(1e6)
  expect(value('process_uptime')).toBeGreaterThan(0)
  expect(value('nodejs_eventloop_delay_p50')).toBeLessThan(60)
  expect(value('nodejs_eventloop_delay_p99')).toBeGreaterThanOrEqual(0)
})

test('the sizes of gathered batches are counted by name', async () => {
  const call = createGather<number, number>({
    name: 'sized',
    batchMost: 10,
    inFlightMost: 1,
    run: async (items) => items,
  })
  await Promise.all([1, 2, 3].map(call))
  const text = await (await get('/metrics')).text()
  expect(text).toContain('gather_batch_size_sum{gather="sized"} 3')
  expect(text).toContain('gather_batch_size_bucket{gather="sized",le="2"} 0')
  expect(text).toContain('gather_batch_size_bucket{gather="sized",le="4"} 1')
})

test.each([
  ['says yes', async () => true, 200, 'ready\n'],
  ['says no', async () => false, 503, 'not ready\n'],
  ['fails', () => Promise.reject(new Error('away')), 503, 'not ready\n'],
])('readiness, when the process %s, is %s', async (_what, ready, status, text) => {
  state.ready = ready
  const answer = await get('/readyz')
  expect([answer.status, await answer.text()]).toEqual([status, text])
})

test('readiness that does not answer is a no within seconds', async () => {
  state.ready = () => new Promise(() => {})
  expect((await get('/readyz')).status).toBe(503)
})

test('liveness does not ask for readiness', async () => {
  state.ready = () => new Promise(() => {})
  expect((await get('/livez')).status).toBe(200)
  state.live = false
  expect((await get('/livez')).status).toBe(503)
  state.live = true
})

test('other paths and methods are refused, and nothing is told of the software', async () => {
  expect((await get('/')).status).toBe(404)
  expect((await get('/constructor')).status).toBe(404)
  expect((await get('/metrics', { method: 'POST', body: 'x' })).status).toBe(405)
  const answer = await get('/livez')
  expect(answer.headers.get('server') ?? answer.headers.get('x-powered-by')).toBeNull()
  expect(answer.headers.get('cache-control')).toBe('no-store')
})

test('a port that is taken is an error, not a silence', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const taken = other.address()
  if (taken === null || typeof taken === 'string') throw new Error('no port')
  const second = startMetrics({ service: 'probe', host: '127.0.0.1', port: taken.port, ready: async () => true, log })
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
  other.close()
})

test('a closed server refuses connections and frees its port', async () => {
  const second = await startMetrics({ service: 'probe', host: '127.0.0.1', port: 0, ready: async () => true, log })
  const address = `http://127.0.0.1:${second.port}/livez`
  expect((await fetch(address)).status).toBe(200)
  await second.close()
  await expect(fetch(address)).rejects.toThrow('fetch failed')
})

test('closing does not wait for a caller that is still waiting', async () => {
  const asked = Promise.withResolvers<void>()
  const ready = () => {
    asked.resolve()
    return new Promise<boolean>(() => {})
  }
  const second = await startMetrics({ service: 'probe', host: '127.0.0.1', port: 0, ready, log })
  const waiting = fetch(`http://127.0.0.1:${second.port}/readyz`).then((answer) => answer.status)
  await asked.promise
  await Promise.all([second.close(), expect(waiting).rejects.toThrow('fetch failed')])
})
