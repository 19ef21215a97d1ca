import { randomBytes } from 'node:crypto'
import { useDatabase } from '@portcullis/testkit/database'
import { expectAudited, listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hyphenated } from './testing/hyphenated.ts'
import { type MadeOwner } from './testing/make-owner.ts'
import { makeStaff } from './testing/make-staff.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'
import { statusAndCode } from './testing/status-and-code.ts'

const store = useDatabase()
const reason = 'Ticket 4711: asked by phone'
let gateway: OpenGateway
let admin: MadeOwner

beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())
beforeEach(async () => {
  await store.database.sql`update accounts set role = 'member' where role <> 'member'`
  admin = await makeStaff(store.database, 'admin')
})

const call = (method: string, path: string, body?: unknown, headers = {}) =>
  send(gateway, method, path, { token: admin.token, body, headers })

describe('an API client', () => {
  const clients = '/v1/admin/clients'
  const wish = { name: 'Shop', scopes: ['introspect'], reason }
  const introspect = (secret: string) =>
    fetch(`${gateway.url}/v1/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: new URLSearchParams({ token: 'x' }),
    }).then(({ status }) => status)

  it('is made with a secret that is shown once, works at once, and is refused once it is revoked', async () => {
    const made = await call('POST', clients, wish)
    expect(made).toMatchObject({ status: 201, body: { name: 'Shop', scopes: ['introspect'], revokedAt: null } })
    const { secret, ...shown } = made.body
    expect(await introspect(secret)).toBe(200)
    const listed = await call('GET', clients)
    expect(listed.body.items[0]).toEqual(shown)
    expect((await call('DELETE', `${clients}/${shown.id}`, { reason })).status).toBe(204)
    expect(await introspect(secret)).toBe(401)
    expect(statusAndCode(await call('DELETE', `${clients}/${shown.id}`, { reason }))).toBe('404 not_found')
    expect(statusAndCode(await call('PATCH', `${clients}/${shown.id}`, { name: 'Back', reason }))).toBe('404 not_found')
    await expectAudited(store.database, hyphenated(shown.id), ['api_client_created', 'api_client_revoked'])
    const kept = JSON.stringify(await store.database.sql`select * from api_clients`)
    expect(kept + JSON.stringify(await listAudited(store.database)) + gateway.logged.join('')).not.toContain(secret)
  })

  it('is made once for an Idempotency-Key, and its secret not shown again', async () => {
    const headers = { 'idempotency-key': randomBytes(8).toString('hex') }
    const first = await call('POST', clients, wish, headers)
    const { secret: _secret, ...shown } = first.body
    const again = await call('POST', clients, wish, headers)
    expect([again.status, again.body]).toEqual([201, shown])
    expect(statusAndCode(await call('POST', clients, { ...wish, name: 'Other' }, headers))).toBe(
      '422 idempotency_key_reused',
    )
  })

  it('may do something else from the next request on', async () => {
    const { body } = await call('POST', clients, wish)
    expect(await introspect(body.secret)).toBe(200)
    const changed = await call('PATCH', `${clients}/${body.id}`, { scopes: ['revoke'], reason })
    expect(changed).toMatchObject({ status: 200, body: { name: 'Shop', scopes: ['revoke'] } })
    expect(await introspect(body.secret)).toBe(403)
  })

  it.each([
    [{ ...wish, scopes: [] }, '/scopes'],
    [{ ...wish, scopes: ['everything'] }, '/scopes/0'],
    [{ ...wish, scopes: ['revoke', 'revoke'] }, '/scopes'],
    [{ ...wish, reason: 'short' }, '/reason'],
    [{ ...wish, secret: 'mine' }, '/secret'],
  ])('wished as %j is refused and names the field', async (body, pointer) => {
    const answer = await call('POST', clients, body)
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer])
  })

  it('is not made by an admin whose role was taken since the request came in', async () => {
    const [before] = await store.database.sql`select count(*) from api_clients`
    // Whoever takes the role holds the account's lock until the request waits for it.
    const taken = store.database.sql.begin(async (sql) => {
      await sql`update accounts set role = 'member' where id = ${admin.id}`
      const asked = call('POST', clients, wish)
      for (;;) {
        // Asked outside: a transaction is shown the activity of its first look for ever.
        const [waiting] = await store.database.sql`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' limit 1`
        if (waiting) break
      }
      return { asked }
    })
    expect(statusAndCode(await (await taken).asked)).toBe('403 not_allowed')
    expect((await store.database.sql`select count(*) from api_clients`)[0]).toEqual(before)
  })
})
