import { useDatabase } from '@portcullis/testkit/database'
import type { MadeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeAccountWithPassword, ownerPassword as password } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send } from './testing/send.ts'

const store = useDatabase()
const another = 'Another-Fine-9-Day'
let gateway: OpenGateway

beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())
beforeEach(() => store.database.sql`delete from throttles`)

describe('an account', () => {
  it('is shown to its owner without anything secret, and can be renamed', async () => {
    const { account, token } = await owner()
    const shown = await call('GET', '/v1/account', token)
    expect(shown.body).toMatchObject({ email: account.email, name: 'Ada Owner', role: 'member', twoFactor: false })
    expect(JSON.stringify(shown.body)).not.toContain('argon2')
    const renamed = await call('PATCH', '/v1/account', token, { name: 'Grace' })
    expect(renamed.body).toEqual({ ...shown.body, name: 'Grace' })
  })

  it.each([{ role: 'admin' }, { name: 'Grace', state: 'active' }, { email: 'x@example.com' }, {}])(
    'takes no other change: %o',
    async (change) => {
      const { account, token } = await owner()
      expect((await call('PATCH', '/v1/account', token, change)).status).toBe(422)
      const [row] = await store.database.sql`select name, role from accounts where id = ${account.id}`
      expect(row).toEqual({ name: 'Ada Owner', role: 'member' })
    },
  )
})

describe('a changed password', () => {
  it('needs the current one, ends every other session and tells the owner', async () => {
    const { account, token } = await owner()
    const other = (await logIn(account)).body.token
    const wrong = await change(token, 'Wrong-Horse-7-Battery')
    expect(wrong).toMatchObject({ status: 403, body: { code: 'proof_refused' } })
    expect((await change(token, password)).status).toBe(204)
    expect((await call('GET', '/v1/account/session', token)).status).toBe(200)
    expect((await call('GET', '/v1/account/session', other)).status).toBe(401)
    expect((await logIn(account)).status).toBe(401)
    expect((await logIn(account, another)).status).toBe(201)
    const notices = await store.database.sql`select kind from notices where account_id = ${account.id}`
    expect([...notices]).toEqual([{ kind: 'password_changed' }])
  })

  it('is refused with every reason when it is weak, and counted when the current one is wrong', async () => {
    const { token } = await owner()
    const weak = await call('POST', '/v1/account/password', token, { currentPassword: password, newPassword: 'abc' })
    expect(weak).toMatchObject({ status: 422, body: { code: 'password_refused' } })
    expect(weak.body.errors.map((fault: { pointer: string }) => fault.pointer)).toContain('/newPassword')
    for (let count = 0; count < 4; count += 1) await change(token, 'wrong')
    expect((await change(token, password)).status).toBe(429)
  })
})

describe('the login history', () => {
  it('tells its owner every attempt, newest first, page by page, and nobody else’s', async () => {
    const { account, token } = await owner()
    await owner()
    for (let count = 0; count < 3; count += 1) await logIn(account, 'Wrong-Horse-7-Battery')
    const first = await call('GET', '/v1/account/activity?limit=3', token)
    expect(first.body.items.map((item: { outcome: string }) => item.outcome)).toEqual(Array(3).fill('wrong_password'))
    const second = await call('GET', `/v1/account/activity?limit=3&cursor=${first.body.nextCursor}`, token)
    expect(second.body).toMatchObject({ items: [{ outcome: 'success', factors: 'password' }], nextCursor: null })
  })

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'limit=1&limit=2', 'before=1'])(
    'refuses ?%s',
    async (query) => {
      const { token } = await owner()
      expect((await call('GET', `/v1/account/activity?${query}`, token)).status).toBe(422)
    },
  )
})

async function owner(): Promise<{ account: MadeAccount; token: string }> {
  const account = await makeAccountWithPassword(store.database)
  return { account, token: (await logIn(account)).body.token }
}

function logIn(account: MadeAccount, given = password): Promise<Called> {
  return send(gateway, 'POST', '/v1/sessions', { body: { email: account.email, password: given } })
}

function change(token: string, currentPassword: string): Promise<Called> {
  return call('POST', '/v1/account/password', token, { currentPassword, newPassword: another })
}

function call(method: string, path: string, token: string, body?: unknown): Promise<Called> {
  return send(gateway, method, path, { token, body })
}
