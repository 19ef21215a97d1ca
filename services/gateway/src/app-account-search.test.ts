import { randomBytes } from 'node:crypto'
import { formatId } from '@portcullis/contracts/ids'
import { newUuid } from '@portcullis/runtime/id'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { adminAccountPath } from './testing/admin-account-path.ts'
import { type MadeOwner, makeOwner } from './testing/make-owner.ts'
import { enrolOwner, makeStaff } from './testing/make-staff.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'
import { statusAndCode } from './testing/status-and-code.ts'

const store = useDatabase()
let gateway: OpenGateway
let admin: MadeOwner
let support: MadeOwner

beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())
beforeEach(async () => {
  await store.database.sql`update accounts set role = 'member' where role <> 'member'`
  admin = await makeStaff(store.database, 'admin')
  support = await makeStaff(store.database, 'support')
})

describe('a search for accounts', () => {
  const search = (by: MadeOwner, query: string) =>
    send(gateway, 'GET', `/v1/admin/accounts${query}`, { token: by.token })

  it('finds an account by each thing that is known of it, in any spelling of its address', async () => {
    const owner = await makeOwner(store.database)
    await store.database.sql`update sessions set ip = '203.0.113.77' where id = ${owner.sessionId}`
    const [made] = (await search(support, `?id=${formatId('account', owner.id)}`)).body.items
    expect(made).toEqual({
      id: formatId('account', owner.id),
      email: owner.email,
      name: owner.name,
      role: 'member',
      state: 'active',
      twoFactor: false,
      createdAt: expect.any(String),
      lastSeenAt: expect.any(String),
    })
    const typed = encodeURIComponent(owner.email.toUpperCase().replace('OWNER', 'ＯＷＮＥＲ'))
    for (const query of [
      `?emailPrefix=${typed}`,
      '?network=203.0.113.0%2F24',
      '?network=203.0.113.77',
      `?createdAfter=${made.createdAt}`,
    ])
      expect((await search(support, query)).body.items.map(({ id }: { id: string }) => id)).toContain(made.id)
    const none = await search(support, `?emailPrefix=${typed}&role=admin`)
    expect([none.status, none.body]).toEqual([200, { items: [], nextCursor: null }])
  })

  it('goes on where a page ended, each account once', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await search(admin, `?limit=1${cursor}`)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
    } while (cursor !== '')
    const [row] = await store.database.sql<{ count: number }[]>`select count(*)::int as count from accounts`
    expect([new Set(seen).size, seen.length]).toEqual([row?.count, row?.count])
  })

  it('is recorded by the kinds of its filters, never by what was looked for', async () => {
    await search(support, '?emailPrefix=very-private&state=active')
    const [event] = (await listAudited(store.database, support.sessionId)).slice(-1)
    expect(event).toMatchObject({
      action: 'accounts_searched',
      actor: 'support',
      details: { filters: ['emailPrefix', 'state'], found: 0 },
    })
    expect(JSON.stringify(await listAudited(store.database)) + gateway.logged.join('')).not.toContain('very-private')
  })

  it.each([
    ['?network=10.0.0.0%2F33', '/network'],
    ['?network=everywhere', '/network'],
    ['?state=gone', '/state'],
    ['?limit=201', '/limit'],
    ['?id=acc_1', '/id'],
    ['?createdAfter=monday', '/createdAfter'],
    ['?cursor=0198f3c24a7b7d1e9c3f5a6b7c8d9e0f', '/cursor'],
    ['?email=a', '/email'],
  ])('with %s is refused and names the filter', async (query, pointer) => {
    const answer = await search(admin, query)
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer])
  })
})

describe('an account that staff look at', () => {
  it('shows factors, sessions, keys, rentals, logins and lockdowns, and no secret', async () => {
    const owner = await enrolOwner(store.database, await makeOwner(store.database))
    const key = await send(gateway, 'POST', '/v1/account/api-keys', {
      token: owner.token,
      body: { name: 'Nightly', scopes: ['account:read'] },
    })
    await store.database.sql`
      insert into rentals (id, account_id, host, token_hash) values (${newUuid()}, ${owner.id}, 'srv.example.com', ${randomBytes(32)})`
    const { status, body } = await send(gateway, 'GET', adminAccountPath(owner), { token: support.token })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      email: owner.email,
      passwordSet: true,
      twoFactorSince: expect.any(String),
      backupCodesLeft: 0,
      sessions: [{ current: false, secondFactor: true }],
      apiKeys: [{ name: 'Nightly', last4: key.body.last4 }],
      sshKeys: [],
      rentals: [{ host: 'srv.example.com' }],
      lockdowns: [],
    })
    const text = JSON.stringify(body)
    for (const secret of [key.body.key, owner.token, 'v1.k1.x', '$argon2']) expect(text).not.toContain(secret)
    expect((await listAudited(store.database, owner.id)).at(-1)).toMatchObject({
      action: 'account_inspected',
      actor: 'support',
    })
  })

  it('is not there where there is none', async () => {
    const answer = await send(gateway, 'GET', `/v1/admin/accounts/acc_${newUuid().replaceAll('-', '')}`, {
      token: admin.token,
    })
    expect(statusAndCode(answer)).toBe('404 not_found')
  })
})
