import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { type MadeAccount, makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { trustProxies } from './http/client-ip.ts'
import { hyphenated } from './testing/hyphenated.ts'
import { makeAccountWithPassword, ownerPassword as password } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send } from './testing/send.ts'

const store = useDatabase()
let gateway: OpenGateway

beforeAll(async () => {
  gateway = await openGateway(store.database, { clientIp: trustProxies(['127.0.0.1']) })
})
afterAll(() => gateway.close())
// All callers of these tests share one network.
beforeEach(() => store.database.sql`delete from throttles`)

describe('a login', () => {
  it('gives a token that opens the session, and lists it as current', async () => {
    const account = await makeAccountWithPassword(store.database)
    const { status, body } = await logIn(account)
    expect(status).toBe(201)
    expect(body.token).toMatch(/^pcs_[\w-]{43}$/)
    const shown = await call('GET', '/v1/account/session', body.token)
    expect([shown.status, shown.body]).toEqual([200, body.session])
    expect(shown.body).toMatchObject({ deviceName: 'Work laptop', device: 'Firefox on Linux', current: true })
    const listed = await call('GET', '/v1/account/sessions', body.token)
    expect(listed.body).toEqual({ items: [body.session], nextCursor: null })
  })

  it('stores the token only as a hash, and never in the history', async () => {
    const account = await makeAccountWithPassword(store.database)
    const { body } = await logIn(account)
    const rows = await store.database.sql`select * from sessions where account_id = ${account.id}`
    const events = await store.database.sql`select * from login_events where account_id = ${account.id}`
    expect(JSON.stringify([rows, events, await listAudited(store.database)])).not.toContain(body.token)
    expect(events).toMatchObject([{ outcome: 'success', factors: 'password', device: 'Firefox on Linux' }])
  })

  it('answers a wrong password and an unknown address alike', async () => {
    const account = await makeAccountWithPassword(store.database)
    const wrong = await logIn(account, { password: 'Wrong-Horse-7-Battery' })
    const unknown = await logIn({ email: 'nobody@example.com' })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    expect({ ...wrong.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' })
    const events = await store.database.sql`select outcome from login_events where account_id = ${account.id}`
    expect([...events]).toEqual([{ outcome: 'wrong_password' }])
  })

  it.each(['locked', 'disabled'])('of a %s account is refused like a wrong password', async (state) => {
    const account = await makeAccountWithPassword(store.database)
    await store.database.sql`update accounts set state = ${state} where id = ${account.id}`
    expect((await logIn(account)).body).toMatchObject({ code: 'login_refused' })
  })

  it('with an imported hash opens, and replaces it by one of ours', async () => {
    const bcrypt = '$2b$10$zGtJAPmtOUOcB6gVzvh6/uK81w.7i2PPWYRa63UFhAN0kRSrcbZbG'
    const account = await makeAccount(store.database, { passwordHash: bcrypt })
    expect((await logIn(account, { password: 'Wrong-Horse-7-Battery' })).status).toBe(401)
    expect((await logIn(account)).status).toBe(201)
    const [row] = await store.database.sql`select password_hash from accounts where id = ${account.id}`
    expect(row?.['password_hash']).toMatch(/^\$argon2id\$/)
    expect((await logIn(account)).status).toBe(201)
  })

  it('is told to wait after five wrong passwords, though the sixth be right, and the owner gets in again later', async () => {
    const account = await makeAccountWithPassword(store.database)
    for (let count = 0; count < 5; count += 1) await logIn(account, { password: 'Wrong-Horse-7-Battery' })
    const sixth = await logIn(account)
    expect(sixth).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(25)
    await store.database.sql`update throttles set blocked_until = blocked_until - interval '31 seconds'`
    expect((await logIn(account)).status).toBe(201)
  })

  it('is counted before it is verified: of fifty wrong ones at once exactly five are verified, twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const account = await makeAccountWithPassword(store.database)
      const tries = await Promise.all(
        Array.from({ length: 50 }, (_, at) => logInFrom(at, account, { password: 'Wrong-Horse-7-Battery' })),
      )
      expect(tries.filter((one) => one.status === 401)).toHaveLength(5)
      expect(tries.filter((one) => one.status === 429)).toHaveLength(45)
      const events = await store.database.sql`
        select outcome, count(*)::int from login_events where account_id = ${account.id} group by 1 order by 1`
      expect([...events]).toEqual([
        { outcome: 'throttled', count: 45 },
        { outcome: 'wrong_password', count: 5 },
      ])
      expect((await logInFrom(60, account)).status).toBe(429)
    }
  }, 60_000)

  it('is counted for its network: of sixty at once thirty are verified, whichever address they name', async () => {
    for (let round = 0; round < 20; round += 1) {
      const tries = await Promise.all(
        Array.from({ length: 60 }, (_, at) => logInFrom(100 + round, { email: `nobody-${round}-${at}@example.com` })),
      )
      expect(tries.filter((one) => one.status === 401)).toHaveLength(30)
      expect(tries.filter((one) => one.status === 429)).toHaveLength(30)
    }
  }, 60_000)

  it('beyond fifty ends the least recently used session', async () => {
    const account = await makeAccountWithPassword(store.database)
    const [first] = await makeSessions(account, 50)
    const { body } = await logIn(account)
    expect(await countLiving(account)).toBe(50)
    const [evicted] = await store.database.sql`select revoked_because from sessions where id = ${String(first)}`
    expect(evicted).toEqual({ revoked_because: 'evicted' })
    expect((await call('GET', '/v1/account/session', body.token)).status).toBe(200)
  })

  it('gives the token as a cookie when asked, and only as a cookie', async () => {
    const account = await makeAccountWithPassword(store.database)
    const { status, body, headers } = await logIn(account, { cookie: true })
    expect(status).toBe(201)
    expect(body).not.toHaveProperty('token')
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-portcullis=pcs_\w{43}; Path=\/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(
        /^__Host-portcullis-device=pcd_[\w-]{43}; Path=\/; Max-Age=15552000; Secure; HttpOnly; SameSite=Lax$/,
      ),
    ])
  })
})

describe('a device that has logged in before', () => {
  it('has a counter of its own: strangers cannot lock its owner out', async () => {
    const account = await makeAccountWithPassword(store.database)
    const { headers } = await logIn(account, { cookie: true })
    const device = String(headers.getSetCookie()[1]).split(';')[0]!
    for (let count = 0; count < 6; count += 1) await logIn(account, { password: 'Wrong-Horse-7-Battery' })
    expect((await logIn(account)).status).toBe(429)
    const body = { email: account.email, password, cookie: true }
    expect((await callBy({ cookie: device }, 'POST', '/v1/sessions', body)).status).toBe(201)
  })

  it('is nothing to another account, nor is a made-up one', async () => {
    const [account, other] = [
      await makeAccountWithPassword(store.database),
      await makeAccountWithPassword(store.database),
    ]
    const device = String((await logIn(other, { cookie: true })).headers.getSetCookie()[1]).split(';')[0]!
    for (let count = 0; count < 5; count += 1) await logIn(account, { password: 'Wrong-Horse-7-Battery' })
    for (const cookie of [device, `__Host-portcullis-device=pcd_${'A'.repeat(43)}`]) {
      const body = { email: account.email, password, cookie: true }
      expect((await callBy({ cookie }, 'POST', '/v1/sessions', body)).status).toBe(429)
    }
  })
})

describe('a session', () => {
  it('ends at logout: the very next request is refused', async () => {
    const { body } = await logIn(await makeAccountWithPassword(store.database))
    const ended = await call('DELETE', '/v1/account/session', body.token)
    expect(ended.status).toBe(204)
    expect(ended.headers.get('set-cookie')).toMatch(/Max-Age=0/)
    expect(await call('GET', '/v1/account/session', body.token)).toMatchObject({
      status: 401,
      body: { code: 'credential_required' },
    })
  })

  it('lives for 14 days without a request and not a moment longer', async () => {
    const account = await makeAccountWithPassword(store.database)
    const { body } = await logIn(account)
    const [row] = await store.database.sql<{ id: string }[]>`select id from sessions where account_id = ${account.id}`
    const fortnight = 14 * 86_400
    await store.database
      .sql`update sessions set last_seen_at = now() - ${fortnight - 5} * interval '1 s' where id = ${String(row?.id)}`
    expect((await call('GET', '/v1/account/session', body.token)).status).toBe(200)
    await store.database
      .sql`update sessions set last_seen_at = now() - ${fortnight + 1} * interval '1 s' where id = ${String(row?.id)}`
    expect((await call('GET', '/v1/account/session', body.token)).status).toBe(401)
  })

  it('lives for 30 days in all, though it be used every minute', async () => {
    const account = await makeAccountWithPassword(store.database)
    const { body } = await logIn(account)
    const [row] = await store.database.sql<{ id: string }[]>`select id from sessions where account_id = ${account.id}`
    await age(store.database, 'sessions', String(row?.id), 30 * 86_400 + 1)
    await store.database.sql`update sessions set last_seen_at = now() where id = ${String(row?.id)}`
    expect((await call('GET', '/v1/account/session', body.token)).status).toBe(401)
  })

  it('ends with the fence of its account, and with that of the house', async () => {
    const account = await makeAccountWithPassword(store.database)
    const one = await logIn(account)
    await store.database.sql`update accounts set security_epoch = security_epoch + 1 where id = ${account.id}`
    expect((await call('GET', '/v1/account/session', one.body.token)).status).toBe(401)
    const two = await logIn(account)
    await store.database.sql`insert into fences (id, epoch) values (1, 2) on conflict (id) do update set epoch = 2`
    expect((await call('GET', '/v1/account/session', two.body.token)).status).toBe(401)
    const three = await logIn(account)
    expect((await call('GET', '/v1/account/session', three.body.token)).status).toBe(200)
    await store.database.sql`delete from fences`
  })

  it('notes who was here once a minute, not at every request', async () => {
    const account = await makeAccountWithPassword(store.database)
    const { body } = await logIn(account)
    const seen = async () =>
      (
        await store.database.sql<
          { at: Date }[]
        >`select last_seen_at as at from sessions where account_id = ${account.id}`
      )[0]?.at
    const before = await seen()
    await call('GET', '/v1/account/session', body.token)
    expect(await seen()).toEqual(before)
    await store.database
      .sql`update sessions set last_seen_at = last_seen_at - interval '61 seconds' where account_id = ${account.id}`
    await call('GET', '/v1/account/session', body.token)
    expect(Number(await seen())).toBeGreaterThanOrEqual(Number(before))
  })

  it('can be ended by its owner, and by nobody else: somebody else’s is not found', async () => {
    const account = await makeAccountWithPassword(store.database)
    const [one, two, stranger] = [
      await logIn(account),
      await logIn(account),
      await logIn(await makeAccountWithPassword(store.database)),
    ]
    const path = `/v1/account/sessions/${two.body.session.id}`
    expect((await call('DELETE', path, stranger.body.token)).status).toBe(404)
    expect((await call('GET', '/v1/account/session', two.body.token)).status).toBe(200)
    expect((await call('DELETE', path, one.body.token)).status).toBe(204)
    expect((await call('GET', '/v1/account/session', two.body.token)).status).toBe(401)
    expect((await call('DELETE', path, one.body.token)).status).toBe(404)
    expect((await call('DELETE', '/v1/account/sessions/ses_nonsense', one.body.token)).status).toBe(404)
  })

  it('and all others can be ended at once, or all', async () => {
    const account = await makeAccountWithPassword(store.database)
    const [one, two] = [await logIn(account), await logIn(account)]
    const others = await call('DELETE', '/v1/account/sessions?except=current', one.body.token)
    expect([others.status, others.body]).toEqual([200, { revoked: 1 }])
    expect((await call('GET', '/v1/account/session', two.body.token)).status).toBe(401)
    expect((await call('DELETE', '/v1/account/sessions?except=currant', one.body.token)).status).toBe(422)
    expect((await call('DELETE', '/v1/account/sessions', one.body.token)).body).toEqual({ revoked: 1 })
    expect((await call('GET', '/v1/account/session', one.body.token)).status).toBe(401)
  })

  it('are told of one by one where one lives on, and as all of the account where none does', async () => {
    const account = await makeAccountWithPassword(store.database)
    const [one, two, three] = [await logIn(account), await logIn(account), await logIn(account)]
    const endings = async () => {
      const events = (await listAudited(store.database)).filter(({ accountId }) => accountId === account.id)
      return events.filter(({ action }) => action === 'session_revoked' || action === 'sessions_revoked')
    }
    await call('DELETE', '/v1/account/sessions?except=current', one.body.token)
    const ended = [two, three].map(({ body }) => hyphenated(body.session.id))
    expect((await endings()).map(({ subjectId }) => subjectId).toSorted()).toEqual(ended.toSorted())
    expect((await endings()).map(({ subjectKind }) => subjectKind)).toEqual(['session', 'session'])

    const four = await logIn(account)
    const newPassword = 'Another-Horse-8-Battery'
    const changed = await call('POST', '/v1/account/password', one.body.token, {
      currentPassword: password,
      newPassword,
    })
    expect(changed.status).toBe(204)
    expect((await endings()).at(-1)).toMatchObject({
      action: 'session_revoked',
      subjectId: hyphenated(four.body.session.id),
    })

    await call('DELETE', '/v1/account/sessions', one.body.token)
    expect(await endings()).toHaveLength(4)
    expect((await endings()).at(-1)).toMatchObject({ action: 'sessions_revoked', subjectId: account.id })
  })
})

describe('a proof', () => {
  it('changes the token: the old one opens nothing from then on', async () => {
    const { body } = await logIn(await makeAccountWithPassword(store.database))
    const proved = await call('POST', '/v1/account/session/proof', body.token, { password })
    expect(proved.status).toBe(200)
    expect((await call('GET', '/v1/account/session', body.token)).status).toBe(401)
    expect((await call('GET', '/v1/account/session', proved.body.token)).body).toMatchObject({ id: body.session.id })
  })

  it('with a wrong password changes nothing and is counted', async () => {
    const { body } = await logIn(await makeAccountWithPassword(store.database))
    for (let count = 0; count < 5; count += 1) {
      const refused = await call('POST', '/v1/account/session/proof', body.token, { password: 'wrong' })
      expect(refused).toMatchObject({ status: 403, body: { code: 'proof_refused' } })
    }
    expect((await call('POST', '/v1/account/session/proof', body.token, { password })).status).toBe(429)
    expect((await call('GET', '/v1/account/session', body.token)).status).toBe(200)
  })
})

describe('a cookie', () => {
  it('opens the session for our own pages, and changes nothing for those of others', async () => {
    const account = await makeAccountWithPassword(store.database)
    const { headers } = await logIn(account, { cookie: true })
    const cookie = String(headers.get('set-cookie')).split(';')[0]!
    expect((await callBy({ cookie }, 'GET', '/v1/account/session')).status).toBe(200)
    for (const foreign of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      const refused = await callBy({ cookie, ...foreign }, 'DELETE', '/v1/account/session')
      expect([refused.status, refused.body.code]).toEqual([403, 'cross_site_refused'])
    }
    expect((await callBy({ cookie, 'sec-fetch-site': 'same-origin' }, 'DELETE', '/v1/account/session')).status).toBe(
      204,
    )
  })

  it('sent twice opens nothing', async () => {
    const { headers } = await logIn(await makeAccountWithPassword(store.database), { cookie: true })
    const cookie = String(headers.get('set-cookie')).split(';')[0]!
    const twice = `${cookie}; __Host-portcullis=pcs_${'A'.repeat(43)}`
    expect((await callBy({ cookie: twice }, 'GET', '/v1/account/session')).status).toBe(401)
  })
})

it.each([
  {},
  { authorization: 'Bearer' },
  { authorization: 'Basic YTpi' },
  { authorization: `Bearer pcs_${'A'.repeat(43)}` },
  { authorization: `Bearer pck_${'A'.repeat(36)}` },
])('without a living session every owner’s call is refused: %o', async (headers) => {
  for (const [method, path] of [
    ['GET', '/v1/account/session'],
    ['GET', '/v1/account/sessions'],
    ['DELETE', '/v1/account/sessions'],
    ['POST', '/v1/account/session/proof'],
  ] as const) {
    const refused = await callBy(headers, method, path, method === 'POST' ? { password } : undefined)
    expect([refused.status, refused.body.code, refused.headers.get('www-authenticate')]).toEqual([
      401,
      'credential_required',
      'Bearer',
    ])
  }
})

function callBy(headers: Record<string, string>, method: string, path: string, body?: unknown): Promise<Called> {
  return send(gateway, method, path, { body, headers: { 'user-agent': firefox, ...headers } })
}

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

function call(method: string, path: string, token: string, body?: unknown): Promise<Called> {
  return callBy({ authorization: `Bearer ${token}` }, method, path, body)
}

function logIn(account: { email: string }, given: Record<string, unknown> = {}): Promise<Called> {
  const body = { email: account.email, password, deviceName: 'Work laptop', ...given }
  return callBy({}, 'POST', '/v1/sessions', body)
}

/** From a network of its own. */
function logInFrom(network: number, account: { email: string }, given: Record<string, unknown> = {}): Promise<Called> {
  const body = { email: account.email, password, ...given }
  return callBy({ 'x-forwarded-for': `198.51.${network}.7` }, 'POST', '/v1/sessions', body)
}

async function makeSessions(account: MadeAccount, count: number): Promise<string[]> {
  const rows = await store.database.sql<{ id: string }[]>`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, last_seen_at)
    select gen_random_uuid(), ${account.id}, sha256(gen_random_uuid()::text::bytea), 1, now() + interval '1 day',
      now() - (${count} - n) * interval '1 minute' - interval '1 hour'
    from generate_series(1, ${count}) as n returning id`
  return rows.map((row) => row.id)
}

async function countLiving(account: MadeAccount): Promise<number> {
  const [row] = await store.database.sql<{ count: number }[]>`
    select count(*)::int from sessions where account_id = ${account.id} and revoked_at is null`
  return row?.count ?? 0
}
