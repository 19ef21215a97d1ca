import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { createBreachCheck } from './breach.ts'

// SHA-1 of "password": 5BAA6 and this.
const suffix = '1E4C9B93F3F0682250B6CF8331B7EE68FD8'
const other = '0018A45C4D1DEF81644B54AB7F969B88D65'
const padding = '00D4F6E8FA6EECAD2A3AA415EEC418D38EC'

let stop: (() => void) | undefined
afterEach(() => stop?.())

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A check against a real server that gives `answer`, with what it was asked and why it was of no use. */
async function checkAgainst(answer: Answer, { timeoutMs = 5000, path = '' } = {}) {
  const asked: { url: string | undefined; all: string; padding: unknown }[] = []
  const reasons: string[] = []
  const server = createServer((request, response) => {
    const all = JSON.stringify([request.url, request.rawHeaders])
    asked.push({ url: request.url, all, padding: request.headers['add-padding'] })
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stop = () => {
    server.closeAllConnections()
    server.close()
  }
  const { port } = server.address() as AddressInfo
  const baseUrl = new URL(`http://127.0.0.1:${port}${path}`)
  const breach = createBreachCheck({ baseUrl, timeoutMs, onAway: (reason) => reasons.push(reason) })
  return { breach, asked, reasons, server }
}

const rows =
  (...lines: string[]): Answer =>
  (_request, response) =>
    response.end(lines.join('\r\n'))

test('a password that is in the range is breached, one that is not is clean', async () => {
  const { breach, reasons } = await checkAgainst(rows(`${other}:3`, `${suffix}:9545824`))
  expect(await breach.check('password')).toBe('breached')
  expect(await breach.check('Tulip-Orbit-77')).toBe('clean')
  expect(reasons).toEqual([])
})

test('a row with count 0 is padding and says nothing', async () => {
  const { breach } = await checkAgainst(rows(`${padding}:0`, `${suffix}:0`, `${other}:2`))
  expect(await breach.check('password')).toBe('clean')
})

test('only five digits of the hash leave the house, and padding is asked for', async () => {
  const { breach, asked } = await checkAgainst(rows(`${other}:3`), { path: '/hibp/' })
  await breach.check('password')
  expect(asked).toMatchObject([{ url: '/hibp/range/5BAA6', padding: 'true' }])
  expect(asked[0]?.all.toUpperCase()).not.toContain(suffix.slice(0, 6))
  expect(asked[0]?.all).not.toContain('password')
})

test.each([
  ['P@ssw0rd1', '/range/F2A12'],
  ['Password1!', '/range/32CA9'],
  ['p\u00e4ssw\u00f6rd', '/range/F517D'],
  ['pa\u0308sswo\u0308rd', '/range/F517D'],
])('%j is looked up in its NFC form as %s', async (password, url) => {
  const { breach, asked } = await checkAgainst(rows(`${other}:3`))
  await breach.check(password)
  expect(asked[0]?.url).toBe(url)
})

test('lower-case digits and bare line feeds are understood', async () => {
  const { breach } = await checkAgainst((_request, response) => response.end(`${other}:3\n${suffix.toLowerCase()}:4\n`))
  expect(await breach.check('password')).toBe('breached')
})

test.each<[string, Answer]>([
  ['status_500', (_request, response) => response.writeHead(500).end(`${suffix}:5`)],
  ['status_404', (_request, response) => response.writeHead(404).end()],
  ['status_204', (_request, response) => response.writeHead(204).end()],
  ['unreadable', rows('<html>')],
  ['unreadable', rows('')],
  ['unreadable', rows(`${other}:3`, `${other}:-1`)],
  ['unreachable', (request) => request.socket.destroy()],
  [
    'unreachable',
    (_request, response) => void response.writeHead(200, { 'content-length': 99 }).write('x', () => response.destroy()),
  ],
])('%s is unknown, and the operator is told why', async (reason, answer) => {
  const { breach, reasons } = await checkAgainst(answer)
  expect(await breach.check('password')).toBe('unknown')
  expect(reasons).toEqual([reason])
})

test('a redirect is not followed', async () => {
  const { breach, asked, reasons } = await checkAgainst((request, response) => {
    if (request.url === '/elsewhere') response.end(`${suffix}:5`)
    else response.writeHead(302, { location: '/elsewhere' }).end()
  })
  expect(await breach.check('password')).toBe('unknown')
  expect(asked).toHaveLength(1)
  expect(reasons).toEqual(['redirected'])
})

test.each<[string, Answer]>([
  ['that never answers', () => undefined],
  ['that never ends its answer', (_request, response) => void response.write(`${suffix}:5\r\n`)],
])('a server %s is given up after the time limit', async (_name, answer) => {
  const { breach, reasons } = await checkAgainst(answer, { timeoutMs: 50 })
  expect(await breach.check('password')).toBe('unknown')
  expect(reasons).toEqual(['timeout'])
})

test.each<[string, Answer]>([
  [
    'endless',
    (_request, response) => {
      const more = () =>
        void (
          response.destroyed ||
          (response.write(`${other}:3\r\n`.repeat(2000)) ? setImmediate(more) : response.once('drain', more))
        )
      more()
    },
  ],
  [
    'a zip bomb',
    (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * 1024 * 1024)))
    },
  ],
])('a body that is %s is dropped at 2 MB', async (_name, answer) => {
  const { breach, reasons } = await checkAgainst(answer)
  expect(await breach.check('password')).toBe('unknown')
  expect(reasons).toEqual(['too_large'])
})

test('a server that is not there is unknown', async () => {
  const { breach, reasons, server } = await checkAgainst(rows())
  await new Promise((resolve) => server.close(resolve))
  expect(await breach.check('password')).toBe('unknown')
  expect(reasons).toEqual(['unreachable'])
})

test('switched off, it asks nobody and complains to nobody', async () => {
  const calls: string[] = []
  const breach = createBreachCheck({
    baseUrl: undefined,
    timeoutMs: 1,
    fetch: async () => {
      calls.push('fetch')
      return new Response()
    },
    onAway: (reason) => calls.push(reason),
  })
  expect(await breach.check('password')).toBe('unknown')
  expect(calls).toEqual([])
})
