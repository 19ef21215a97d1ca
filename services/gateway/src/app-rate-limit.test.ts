import { authenticatorCode } from '@portcullis/testkit/authenticator'
import { createFakeClock } from '@portcullis/testkit/clock'
import { useDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trustProxies } from './http/client-ip.ts'
import { makeChallenges, makeOwner, type MadeOwner, ownerPassword } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send } from './testing/send.ts'

const store = useDatabase()
const clock = createFakeClock()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database, { clock, clientIp: trustProxies(['127.0.0.1']) })
})
afterAll(() => gateway.close())

let networks = 0

describe('a login', () => {
  it('tells how many are left to the network, and for how long', async () => {
    const from = newNetwork()
    const told = [await logIn(from, 'one@example.com'), await logIn(from, 'two@example.com')].map(limitOf)
    expect(told.map(({ policy }) => policy)).toEqual(['"login";q=30;w=60', '"login";q=30;w=60'])
    expect(told[0]?.limit).toBe('"login";r=29;t=60')
    expect(told[1]?.limit).toMatch(/^"login";r=28;t=(60|59|5\d)$/)
  })

  it('tells the same of a known and an unknown address, of a locked one, and of a good login', async () => {
    const [known, locked] = [await makeOwner(store.database), await makeOwner(store.database)]
    await store.database.sql`update accounts set state = 'locked' where id = ${locked.id}`
    const answers = [
      await logIn(newNetwork(), known.email, 'Wrong-Horse-7-Battery'),
      await logIn(newNetwork(), 'nobody@example.com'),
      await logIn(newNetwork(), locked.email),
      await logIn(newNetwork(), known.email),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 201])
    for (const answer of answers)
      expect(limitOf(answer)).toEqual({ policy: '"login";q=30;w=60', limit: '"login";r=29;t=60', retryAfter: null })
  })

  it('that must wait for its address says so by Retry-After alone, known or not', async () => {
    const known = await makeOwner(store.database)
    for (const email of [known.email, 'never-there@example.com']) {
      for (let count = 0; count < 5; count += 1) await logIn(newNetwork(), email, 'Wrong-Horse-7-Battery')
      const waiting = await logIn(newNetwork(), email)
      expect(waiting.status).toBe(429)
      expect(limitOf(waiting)).toEqual({ policy: '"login";q=30;w=60', limit: '"login";r=30', retryAfter: '30' })
    }
  })

  it('that must wait for its network says so by both', async () => {
    const from = newNetwork()
    for (let count = 0; count < 30; count += 1) await logIn(from, `nobody-${count}@example.com`)
    const waiting = await logIn(from, 'nobody@example.com')
    const { limit, retryAfter } = limitOf(waiting)
    expect([waiting.status, limit]).toEqual([429, `"login";r=0;t=${retryAfter}`])
    expect(Number(retryAfter)).toBeGreaterThan(0)
    expect(Number(retryAfter)).toBeLessThanOrEqual(60)
  })

  it('that was not counted tells nothing', async () => {
    const refused = await send(gateway, 'POST', '/v1/sessions', { body: { email: 'nobody' } })
    expect(limitOf(refused)).toEqual({ policy: null, limit: null, retryAfter: null })
  })

  it('tells it beside its cookies, too', async () => {
    const { email } = await makeOwner(store.database)
    const answer = await send(gateway, 'POST', '/v1/sessions', {
      headers: { 'x-forwarded-for': newNetwork() },
      body: { email, password: ownerPassword, cookie: true },
    })
    expect(answer.headers.getSetCookie()).toHaveLength(2)
    expect(limitOf(answer).limit).toBe('"login";r=29;t=60')
  })
})

describe('a second step', () => {
  it('tells how many codes are left, when there are more, and that all are there again after a good one', async () => {
    const owner = await makeOwner(store.database)
    const secret = await enrol(owner)
    const challenges = await makeChallenges(store.database, owner.id, 8)
    const finish = (code: string) =>
      send(gateway, 'POST', '/v1/sessions/two-factor', { body: { challenge: challenges.pop(), code } })
    const told: unknown[] = []
    for (let count = 0; count < 6; count += 1) told.push(limitOf(await finish('000000')))
    const policy = '"code";q=5'
    expect(told).toEqual([
      ...[4, 3, 2, 1].map((left) => ({ policy, limit: `"code";r=${left}`, retryAfter: null })),
      { policy, limit: '"code";r=0;t=30', retryAfter: null },
      { policy, limit: '"code";r=0;t=30', retryAfter: '30' },
    ])
    await store.database.sql`update throttles set blocked_until = blocked_until - interval '31 seconds'`
    clock.forward(30_000)
    const good = await finish(authenticatorCode(secret, clock.now()))
    expect([good.status, limitOf(good)]).toEqual([201, { policy, limit: '"code";r=5', retryAfter: null }])
  })
})

describe.each([
  ['/v1/account/session/proof', (password: string) => ({ password }), 200],
  [
    '/v1/account/password',
    (currentPassword: string) => ({ currentPassword, newPassword: 'plum-Kettle-47-orbit' }),
    204,
  ],
] as const)('%s', (path, bodyOf, good) => {
  it('tells how many proofs are left to the session', async () => {
    const { token } = await makeOwner(store.database)
    const ask = (password: string) => send(gateway, 'POST', path, { token, body: bodyOf(password) })
    expect(limitOf(await ask('wrong'))).toEqual({ policy: '"proof";q=5', limit: '"proof";r=4', retryAfter: null })
    expect(limitOf(await ask('wrong')).limit).toBe('"proof";r=3')
    const proved = await ask(ownerPassword)
    expect([proved.status, limitOf(proved).limit]).toEqual([good, '"proof";r=5'])
  })
})

it.each([
  ['POST', '/v1/password-resets', { email: 'ada@example.com' }],
  ['POST', '/v1/accounts', { email: 'ada@example.com', password: 'plum-Kettle-47-orbit', name: 'Ada' }],
  ['GET', '/v1/account', undefined],
])('%s %s, which counts no attempts, tells nothing', async (method, path, body) => {
  const { token } = await makeOwner(store.database)
  const answer = await send(gateway, method, path, body ? { body } : { token })
  expect(limitOf(answer)).toEqual({ policy: null, limit: null, retryAfter: null })
})

function limitOf({ headers }: Called) {
  return {
    policy: headers.get('ratelimit-policy'),
    limit: headers.get('ratelimit'),
    retryAfter: headers.get('retry-after'),
  }
}

function newNetwork(): string {
  networks += 1
  return `198.51.${networks}.7`
}

function logIn(from: string, email: string, password = ownerPassword): Promise<Called> {
  return send(gateway, 'POST', '/v1/sessions', { headers: { 'x-forwarded-for': from }, body: { email, password } })
}

async function enrol({ token }: MadeOwner): Promise<string> {
  const { secret } = (await send(gateway, 'POST', '/v1/account/two-factor', { token })).body
  const code = authenticatorCode(String(secret), clock.now())
  expect((await send(gateway, 'PUT', '/v1/account/two-factor', { token, body: { code } })).status).toBe(200)
  return String(secret)
}
