import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isPublicAddress } from './outbound-address.ts'
import { createOutbound, type LookUp } from './outbound.ts'

type Answering = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let port: number
let answering: Answering
let received: { method: string | undefined; url: string | undefined; body: string }[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      received.push({ method: request.method, url: request.url, body })
      answering(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const call = (url: string) => ({ url, headers: { 'content-type': 'application/json' }, body: '{}' })

async function postTo(answer: Answering, timeoutMs = 2000) {
  answering = answer
  received = []
  const outbound = createOutbound({ allowPrivate: true, timeoutMs })
  const came = await outbound.post(call(`http://127.0.0.1:${port}/hook`))
  await outbound.close()
  return came
}

/** Finds these addresses, one list after the other, and counts how often it is asked. */
function resolverOf(...answers: readonly string[][]): { lookUp: LookUp; asked: () => number } {
  let asked = 0
  return {
    lookUp: async () => {
      const found = answers[Math.min(asked, answers.length - 1)] ?? []
      asked += 1
      return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    },
    asked: () => asked,
  }
}

const notPublic = [
  '127.0.0.1',
  '127.255.255.255',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '100.127.255.255',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '192.0.0.1',
  '168.63.129.16',
  '::',
  '::1',
  'fe80::1',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001:0:1::1',
  '2001:db8::1',
  'fec0::1',
  'fe80::1%eth0',
  '4000::1',
  '',
  'localhost',
  '1.2.3',
  '256.1.1.1',
]

describe('an address', () => {
  it.each(notPublic)('that is not of the public internet is told as such: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(['8.8.8.8', '1.1.1.1', '193.99.144.80', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    'of the public internet is told as such: %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )
})

/** Each with the rule that it breaks. Source: the table of hostile inputs, and the forms that WHATWG URL reads as addresses. */
const hostile: readonly (readonly [string, string])[] = [
  ['https://127.0.0.1/', 'url_address'],
  ['https://127.1/', 'url_address'],
  ['https://0x7f000001/', 'url_address'],
  ['https://0x7f.0.0.1/', 'url_address'],
  ['https://0177.0.0.1/', 'url_address'],
  ['https://2130706433/', 'url_address'],
  ['https://①②⑦.0.0.1/', 'url_address'],
  ['https://[::1]/', 'url_address'],
  ['https://[::]/', 'url_address'],
  ['https://[::ffff:127.0.0.1]/', 'url_address'],
  ['https://[::ffff:7f00:1]/', 'url_address'],
  ['https://[64:ff9b::a9fe:a9fe]/', 'url_address'],
  ['https://[fd00:ec2::254]/', 'url_address'],
  ['https://[fe80::1]/', 'url_address'],
  ['https://169.254.169.254/latest/meta-data/', 'url_address'],
  ['https://10.1.2.3/', 'url_address'],
  ['https://100.64.0.1/', 'url_address'],
  ['https://224.0.0.1/', 'url_address'],
  ['http://example.com/', 'url_scheme'],
  ['gopher://127.0.0.1:70/', 'url_scheme'],
  ['file:///etc/passwd', 'url_malformed'],
  ['javascript:alert(1)', 'url_malformed'],
  ['//example.com/', 'url_malformed'],
  ['', 'url_malformed'],
  ['https://user:word@example.com/', 'url_credentials'],
  ['https://user@example.com/', 'url_credentials'],
  ['https://example.com:8443/', 'url_port'],
  ['https://example.com:80/', 'url_port'],
  ['https://example.com/#token', 'url_fragment'],
]

describe('before it is saved and when it is called', () => {
  it.each(hostile)('%s is refused: %s', async (url, code) => {
    const { lookUp, asked } = resolverOf(['8.8.8.8'])
    const outbound = createOutbound({ lookUp })
    expect((await outbound.check(url))?.code).toBe(code)
    expect(await outbound.post(call(url))).toEqual({ kind: 'unanswered', code })
    expect(asked()).toBe(0)
    await outbound.close()
  })

  it.each([
    [['127.0.0.1'], 'url_address'],
    [['8.8.8.8', '10.0.0.1'], 'url_address'],
    [['::ffff:10.0.0.1'], 'url_address'],
    [[], 'url_unresolved'],
  ])('a host that is found at %j is refused: %s', async (found, code) => {
    const outbound = createOutbound({ lookUp: resolverOf(found).lookUp })
    expect((await outbound.check('https://rebound.example/'))?.code).toBe(code)
    expect(await outbound.post(call('https://rebound.example/'))).toEqual({ kind: 'unanswered', code })
    await outbound.close()
  })

  it('an address of more than 2000 characters is refused', async () => {
    const outbound = createOutbound()
    expect((await outbound.check(`https://example.com/${'a'.repeat(2000)}`))?.code).toBe('url_malformed')
    await outbound.close()
  })

  it('a public host is let through', async () => {
    const outbound = createOutbound({ lookUp: resolverOf(['8.8.8.8', '2606:4700::1111']).lookUp })
    expect(await outbound.check('https://hooks.example/in?tenant=7')).toBeUndefined()
    await outbound.close()
  })
})

describe('DNS rebinding', () => {
  it('gains nothing: a name that was public when it was saved is refused when it is private at the call', async () => {
    const { lookUp, asked } = resolverOf(['8.8.8.8'], ['127.0.0.1'])
    const outbound = createOutbound({ lookUp })
    received = []
    expect(await outbound.check('https://rebound.example/')).toBeUndefined()
    expect(await outbound.post(call('https://rebound.example/'))).toEqual({ kind: 'unanswered', code: 'url_address' })
    expect(asked()).toBe(2)
    expect(received).toEqual([])
    await outbound.close()
  })

  it('has no gap between check and use: a connection looks up once and goes to what was checked', async () => {
    const { lookUp, asked } = resolverOf(['127.0.0.1'], ['127.0.0.2'])
    const outbound = createOutbound({ lookUp, allowPrivate: true })
    answering = (request, response) => response.writeHead(request.socket.localAddress === '127.0.0.1' ? 200 : 500).end()
    expect(await outbound.post(call(`http://rebound.example:${port}/`))).toMatchObject({ status: 200 })
    expect(asked()).toBe(1)
    await outbound.close()
  })
})

describe('an answer', () => {
  it('is its status and Retry-After', async () => {
    const came = await postTo((_, response) => response.writeHead(429, { 'retry-after': '120' }).end('later'))
    expect(came).toEqual({ kind: 'answered', status: 429, retryAfter: '120' })
    expect(received).toEqual([{ method: 'POST', url: '/hook', body: '{}' }])
  })

  it('that redirects is not followed', async () => {
    const came = await postTo((_, response) => response.writeHead(302, { location: '/elsewhere' }).end())
    expect(came).toMatchObject({ kind: 'answered', status: 302 })
    expect(received).toHaveLength(1)
  })

  it('with a huge body costs 4 kB and its connection', async () => {
    let sent = 0
    const came = await postTo((_, response) => {
      response.writeHead(200)
      const more = () => {
        if (!response.destroyed && response.write('x'.repeat(65_536))) setImmediate(more)
        sent += 65_536
      }
      response.on('drain', more)
      more()
    })
    expect(came).toMatchObject({ kind: 'answered', status: 200 })
    expect(sent).toBeLessThan(32 * 1024 * 1024)
  })

  it('whose body never ends is still an answer', async () => {
    const came = await postTo((_, response) => {
      response.writeHead(200).write('slowly')
    }, 5000)
    expect(came).toMatchObject({ kind: 'answered', status: 200 })
  })

  it('whose connection is cut after the head is still an answer', async () => {
    const came = await postTo((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      setImmediate(() => response.destroy())
    })
    expect(came).toMatchObject({ kind: 'answered', status: 200 })
  })

  it('that does not come in time is a timeout, and one that is cut off a failed connection', async () => {
    expect(await postTo(() => {}, 200)).toEqual({ kind: 'unanswered', code: 'timeout' })
    expect(await postTo((_, response) => void response.destroy())).toEqual({
      kind: 'unanswered',
      code: 'connection_failed',
    })
  })
})
