import { createHash } from 'node:crypto'
import { endpoints } from '@portcullis/contracts/api/index'
import { type Endpoint, hasBareRefusals } from '@portcullis/contracts/api/endpoint'
import { builtInScopes } from '@portcullis/domain/api-key/scope'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { readApiKey } from '@portcullis/domain/api-key/format'
import { newId } from '@portcullis/runtime/id'
import { useDatabase } from '@portcullis/testkit/database'
import { expectAudited, listAudited } from '@portcullis/testkit/expect'
import { type MadeAccount, makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { trustProxies } from './http/client-ip.ts'
import { hyphenated } from './testing/hyphenated.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send } from './testing/send.ts'

const store = useDatabase()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database, { clientIp: trustProxies(['127.0.0.1']) })
})
afterAll(() => gateway.close())

const path = '/v1/account/api-keys'
const wish = { name: 'Nightly backup', scopes: ['sessions:read', 'product:servers'] }
const dayMs = 86_400_000

describe('a new key', () => {
  it('is shown once, well formed, and opens what its scopes allow', async () => {
    const owner = await makeOwner()
    const made = await create(owner)
    expect(made.status).toBe(201)
    const { key, ...shown } = made.body
    expect(readApiKey(key).ok).toBe(true)
    expect(shown).toEqual({
      id: expect.stringMatching(/^key_[0-9a-f]{32}$/),
      ...wish,
      prefix: 'pck_',
      last4: key.slice(-4),
      createdAt: expect.any(String),
      expiresAt: null,
      lastUsedAt: null,
      lastUsedNetwork: null,
      lastUsedLocation: null,
      rotatedTo: null,
    })
    expect((await call('GET', path, owner.token)).body).toEqual({ items: [shown], nextCursor: null })
    const listed = await call('GET', '/v1/account/sessions', key)
    expect([listed.status, listed.body.items.map((one: { current: boolean }) => one.current)]).toEqual([200, [false]])
  })

  it('is stored only as a hash, and is not in the log, the audit, the jobs or the notices', async () => {
    const owner = await makeOwner()
    const { body } = await call('POST', path, owner.token, wish, { 'idempotency-key': 'canary' })
    await call('GET', '/v1/account/sessions', body.key)
    const rows = [
      await store.database.sql`select *, encode(key_hash, 'hex') as hash from api_keys`,
      await store.database.sql`select * from idempotency_keys`,
      await store.database.sql`select * from jobs`,
      await store.database.sql`select * from notices`,
      await listAudited(store.database),
    ]
    const secret = String(body.key).slice(4, -6)
    expect(JSON.stringify(rows)).not.toContain(secret)
    expect(gateway.logged.join('')).not.toContain(secret)
    expect(JSON.stringify(rows)).toContain(createHash('sha256').update(String(body.key)).digest('hex'))
  })

  it('is audited and told to the owner, in the transaction that makes it', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner)
    await expectAudited(store.database, hyphenated(body.id), ['api_key_created'])
    const notices = await store.database.sql`select kind from notices where account_id = ${owner.account.id}`
    expect([...notices]).toEqual([{ kind: 'api_key_created' }])
  })

  it('wants a proof no older than ten minutes, as its rotation does', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner)
    await store.database
      .sql`update sessions set proved_at = now() - interval '601 seconds' where account_id = ${owner.account.id}`
    for (const refused of [await create(owner), await call('POST', `${path}/${body.id}/rotation`, owner.token, {})]) {
      expect([refused.status, refused.body.code]).toEqual([403, 'reauthentication_required'])
    }
  })

  it.each([
    [{ scopes: [] }, '/scopes', 'scopes_missing'],
    [{ scopes: ['sessions:write'] }, '/scopes/0', 'scope_unknown'],
    [{ scopes: ['account:read', 'product:*'] }, '/scopes/1', 'scope_malformed'],
    [{ scopes: ['account:read', 'account:read'] }, '/scopes/1', 'scope_repeated'],
    [{ scopes: 'account:read' }, '/scopes', 'wrong_type'],
    [{ name: '' }, '/name', 'too_small'],
    [{ name: 'a\u202Eb' }, '/name', 'invalid'],
    [{ expiresAt: new Date(Date.now() - 1000).toISOString() }, '/expiresAt', 'too_early'],
    [{ expiresAt: new Date(Date.now() + 367 * dayMs).toISOString() }, '/expiresAt', 'too_late'],
    [{ expiresAt: 'tomorrow' }, '/expiresAt', 'wrong_form'],
    [{ expiresAt: 1_795_338_847 }, '/expiresAt', 'wrong_type'],
    [{ slot: 1 }, '/slot', 'unknown_field'],
    [{ accountId: 'acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f' }, '/accountId', 'unknown_field'],
    [{ key: 'pck_mine' }, '/key', 'unknown_field'],
  ])('%o is refused with its place, and makes nothing', async (given, pointer, code) => {
    const owner = await makeOwner()
    const refused = await create(owner, given)
    expect([refused.status, refused.body.errors[0]]).toMatchObject([422, { pointer, code }])
    expect(await countLiving(owner)).toBe(0)
  })

  it('expires at its moment, and gives its slot to the next', async () => {
    const owner = await makeOwner()
    const expiresAt = new Date(Date.now() + dayMs).toISOString()
    const { body } = await create(owner, { expiresAt })
    expect(body.expiresAt).toBe(expiresAt)
    await create(owner)
    await create(owner)
    expect((await reads(body.key)).status).toBe(200)
    await store.database.sql`update api_keys set expires_at = now() where id = ${hyphenated(body.id)}`
    expect((await reads(body.key)).status).toBe(401)
    expect((await create(owner)).status).toBe(201)
    expect(await countLiving(owner)).toBe(3)
    await expectAudited(store.database, hyphenated(body.id), ['api_key_created', 'api_key_revoked'])
  })
})

describe('with an Idempotency-Key', () => {
  it('a repeat is answered alike but for the secret, and makes no second key', async () => {
    const owner = await makeOwner()
    const first = await call('POST', path, owner.token, wish, { 'idempotency-key': 'one' })
    const again = await call('POST', path, owner.token, wish, { 'idempotency-key': 'one' })
    const { key, ...shown } = first.body
    expect(key).toMatch(/^pck_/)
    expect([again.status, again.body]).toEqual([201, shown])
    const other = await call('POST', path, owner.token, { ...wish, name: 'Other' }, { 'idempotency-key': 'one' })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
    expect(await countLiving(owner)).toBe(1)
    const stranger = await call('POST', path, (await makeOwner()).token, wish, { 'idempotency-key': 'one' })
    expect([stranger.status, stranger.body.key !== undefined]).toEqual([201, true])
  })

  it('fifty at once make one key, and show it once: twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const owner = await makeOwner()
      const all = await Promise.all(
        Array.from({ length: 50 }, () => call('POST', path, owner.token, wish, { 'idempotency-key': 'many' })),
      )
      expect(new Set(all.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1)
      expect(all.filter(({ body }) => 'key' in body)).toHaveLength(1)
      expect(await countLiving(owner)).toBe(1)
    }
  }, 60_000)

  it('a refused request leaves the key free', async () => {
    const owner = await makeOwner()
    const keys = [await create(owner), await create(owner), await create(owner)]
    const full = await call('POST', path, owner.token, wish, { 'idempotency-key': 'later' })
    expect([full.status, full.body.code]).toEqual([409, 'limit_reached'])
    await call('DELETE', `${path}/${keys[0]?.body.id}`, owner.token)
    const then = await call('POST', path, owner.token, wish, { 'idempotency-key': 'later' })
    expect([then.status, typeof then.body.key]).toEqual([201, 'string'])
  })

  it('a repeated rotation makes no second key', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner)
    const first = await call('POST', `${path}/${body.id}/rotation`, owner.token, {}, { 'idempotency-key': 'turn' })
    const again = await call('POST', `${path}/${body.id}/rotation`, owner.token, {}, { 'idempotency-key': 'turn' })
    const { key, ...shown } = first.body
    expect([typeof key, again.status, again.body]).toEqual(['string', 201, shown])
    expect(await countLiving(owner)).toBe(2)
  })
})

describe('three keys', () => {
  it('are active at most, though fifty are asked for at once: twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const owner = await makeOwner()
      const all = await Promise.all(Array.from({ length: 50 }, () => create(owner)))
      expect(all.map(({ status }) => status).toSorted()).toEqual([
        201,
        201,
        201,
        ...Array.from({ length: 47 }, () => 409),
      ])
      expect(await countLiving(owner)).toBe(3)
    }
  }, 120_000)

  it('are active at most, though some are revoked and rotated meanwhile: twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const owner = await makeOwner()
      const before = [await create(owner), await create(owner), await create(owner)]
      const changes = before.map(({ body }, place) =>
        place === 0
          ? call('POST', `${path}/${body.id}/rotation`, owner.token, {})
          : call('DELETE', `${path}/${body.id}`, owner.token),
      )
      const made = await Promise.all([...changes, ...Array.from({ length: 50 }, () => create(owner))])
      expect(made.slice(0, 3).map(({ status }) => status)).toEqual([201, 204, 204])
      const more = made.slice(3).filter(({ status }) => status === 201).length
      expect(made.slice(3).filter(({ status }) => status === 409)).toHaveLength(50 - more)
      expect(more).toBeLessThanOrEqual(2)
      expect(await countSlots(owner)).toBe(1 + more)
    }
  }, 120_000)

  it('cannot become four by any statement: the database itself refuses', async () => {
    const owner = await makeOwner()
    await Promise.all([create(owner), create(owner), create(owner)])
    for (const slot of [1, 4]) {
      const fourth = store.database.sql`
        insert into api_keys (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch)
        values (${newId('apiKey')}, ${owner.account.id}, ${slot}, 'x', 'pck_', 'xxxx', sha256(random()::text::bytea), '{}', 1)`
      await expect(fourth).rejects.toThrow(/api_keys_slot/)
    }
  })
})

it('none survives a fence that was raised while it was made: fifty at once, twenty times', async () => {
  for (let round = 0; round < 20; round += 1) {
    const owner = await makeOwner()
    const making = Array.from({ length: 50 }, () => create(owner))
    const fence = store.database
      .sql`update accounts set security_epoch = security_epoch + 1 where id = ${owner.account.id}`
    const [made] = await Promise.all([Promise.all(making), fence.execute()])
    for (const { status } of made) expect([201, 401, 409]).toContain(status)
    for (const { body } of made.filter(({ status }) => status === 201)) expect((await reads(body.key)).status).toBe(401)
    expect(await countLiving(owner)).toBe(0)
  }
}, 120_000)

describe('a key', () => {
  it('that was revoked is refused at the very next request, and its use is noted as an alarm once', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner)
    expect((await reads(body.key)).status).toBe(200)
    await noted(body.id)
    expect((await call('DELETE', `${path}/${body.id}`, owner.token)).status).toBe(204)
    const refused = await Promise.all(Array.from({ length: 10 }, () => reads(body.key)))
    expect(new Set(refused.map(({ status, body: problem }) => `${status} ${problem.code}`))).toEqual(
      new Set(['401 credential_required']),
    )
    await vi.waitFor(() =>
      expectAudited(store.database, hyphenated(body.id), ['api_key_created', 'api_key_revoked', 'authn_token_reuse']),
    )
    expect((await reads(body.key)).status).toBe(401)
    expect((await call('DELETE', `${path}/${body.id}`, owner.token)).status).toBe(404)
  })

  it('of somebody else is not found, and nor is one that never was', async () => {
    const [owner, stranger] = [await makeOwner(), await makeOwner()]
    const { body } = await create(owner)
    for (const id of [
      body.id,
      'key_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f',
      'key_nonsense',
      body.id.replace('key_', 'ses_'),
    ]) {
      const answers = [
        await call('DELETE', `${path}/${id}`, stranger.token),
        await call('PATCH', `${path}/${id}`, stranger.token, { name: 'Mine' }),
        await call('POST', `${path}/${id}/rotation`, stranger.token, {}),
      ]
      for (const { status, body: problem } of answers) expect([status, problem.code]).toEqual([404, 'not_found'])
    }
    expect((await call('GET', path, owner.token)).body.items).toMatchObject([{ id: body.id, name: wish.name }])
    expect((await call('GET', path, stranger.token)).body.items).toEqual([])
    expect((await reads(body.key)).status).toBe(200)
  })

  it('can be given another name, and nothing else', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner)
    const renamed = await call('PATCH', `${path}/${body.id}`, owner.token, { name: 'Weekly backup' })
    expect([renamed.status, renamed.body.name]).toEqual([200, 'Weekly backup'])
    const wider = await call('PATCH', `${path}/${body.id}`, owner.token, { name: 'x', scopes: ['account:read'] })
    expect([wider.status, wider.body.errors[0].pointer]).toEqual([422, '/scopes'])
    await expectAudited(store.database, hyphenated(body.id), ['api_key_created', 'api_key_renamed'])
  })

  it('ends with the fence of its account, and with that of the house', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner)
    await store.database.sql`insert into fences (id, epoch) values (1, 2) on conflict (id) do update set epoch = 2`
    expect((await reads(body.key)).status).toBe(401)
    await store.database.sql`delete from fences`
    expect((await reads(body.key)).status).toBe(200)
    await store.database.sql`update accounts set security_epoch = security_epoch + 1 where id = ${owner.account.id}`
    expect((await reads(body.key)).status).toBe(401)
  })

  it('notes when and from where it was used, once in ten minutes', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner)
    await reads(body.key, { 'x-forwarded-for': '8.8.8.8' })
    const first = await noted(body.id)
    expect(first).toMatchObject({ lastUsedNetwork: '8.8.8.0/24', lastUsedLocation: 'United States' })
    await reads(body.key, { 'x-forwarded-for': '193.99.144.80' })
    expect(await noted(body.id)).toEqual(first)
    await store.database
      .sql`update api_keys set last_used_at = now() - interval '601 seconds' where id = ${hyphenated(body.id)}`
    await reads(body.key, { 'x-forwarded-for': '193.99.144.80' })
    await vi.waitFor(async () =>
      expect(await noted(body.id)).toMatchObject({ lastUsedNetwork: '193.99.144.0/24', lastUsedLocation: 'Germany' }),
    )
  })
})

describe('a rotation', () => {
  it('gives another key in the same slot; the old one lives on for a day and no longer', async () => {
    const owner = await makeOwner()
    const made = [await create(owner), await create(owner), await create(owner)]
    const old = made[1]?.body
    const { status, body } = await call('POST', `${path}/${old.id}/rotation`, owner.token, {})
    expect([status, body.name, body.scopes, body.expiresAt]).toEqual([201, wish.name, wish.scopes, null])
    expect(body.key).not.toBe(old.key)
    const items: { id: string; rotatedTo: string | null; expiresAt: string }[] = (await call('GET', path, owner.token))
      .body.items
    expect(items).toHaveLength(4)
    const shown = items.find(({ id }) => id === old.id)
    expect(shown?.rotatedTo).toBe(body.id)
    expect(Date.parse(shown?.expiresAt ?? '') - Date.parse(body.createdAt)).toBe(dayMs)
    expect([(await reads(old.key)).status, (await reads(body.key)).status]).toEqual([200, 200])
    await store.database.sql`update api_keys set expires_at = now() where id = ${hyphenated(old.id)}`
    expect([(await reads(old.key)).status, (await reads(body.key)).status]).toEqual([401, 200])
    await expectAudited(store.database, hyphenated(old.id), ['api_key_created', 'api_key_rotated'])
    await expectAudited(store.database, hyphenated(body.id), ['api_key_created'])
    expect((await create(owner)).body.code).toBe('limit_reached')
  })

  it('without overlap ends the old key at once', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner)
    const next = await call('POST', `${path}/${body.id}/rotation`, owner.token, { overlapSeconds: 0 })
    expect([(await reads(body.key)).status, (await reads(next.body.key)).status]).toEqual([401, 200])
  })

  it('never makes a key live longer than it would have, and gives its successor as long a life', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner, { expiresAt: new Date(Date.now() + 3_600_000).toISOString() })
    const next = await call('POST', `${path}/${body.id}/rotation`, owner.token, {})
    expect(Math.abs(Date.parse(next.body.expiresAt) - Date.now() - 3_600_000)).toBeLessThan(30_000)
    const [old] = (await call('GET', path, owner.token)).body.items.slice(-1)
    expect(old).toMatchObject({ id: body.id, expiresAt: body.expiresAt })
    const forever = await call('POST', `${path}/${next.body.id}/rotation`, owner.token, { expiresAt: null })
    expect(forever.body.expiresAt).toBeNull()
  })

  it('of a key in its overlap is refused, and so is one of a dead key', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner)
    await call('POST', `${path}/${body.id}/rotation`, owner.token, {})
    const again = await call('POST', `${path}/${body.id}/rotation`, owner.token, {})
    expect([again.status, again.body.code]).toEqual([409, 'already_rotated'])
    await call('DELETE', `${path}/${body.id}`, owner.token)
    expect((await call('POST', `${path}/${body.id}/rotation`, owner.token, {})).status).toBe(404)
  })

  it.each([-1, 86_401, 1.5, '60', null])('with an overlap of %j seconds is refused', async (overlapSeconds) => {
    const owner = await makeOwner()
    const { body } = await create(owner)
    const refused = await call('POST', `${path}/${body.id}/rotation`, owner.token, { overlapSeconds })
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/overlapSeconds'])
  })

  it('however often, leaves three overlaps: the one that would end first gives way', async () => {
    const owner = await makeOwner()
    const keys = [(await create(owner)).body]
    for (let turn = 0; turn < 5; turn += 1) {
      keys.push((await call('POST', `${path}/${keys.at(-1).id}/rotation`, owner.token, {})).body)
    }
    await expectAudited(store.database, hyphenated(keys[0].id), [
      'api_key_created',
      'api_key_rotated',
      'api_key_revoked',
    ])
    const alive = await Promise.all(keys.map(async ({ key }) => (await reads(key)).status === 200))
    expect(alive).toEqual([false, false, true, true, true, true])
  })

  it.each([
    ['with an overlap', {}, 2],
    ['without', { overlapSeconds: 0 }, 1],
  ])(
    'of one key works once of fifty at once, %s: twenty times',
    async (_what, rotation, living) => {
      for (let round = 0; round < 20; round += 1) {
        const owner = await makeOwner()
        const { body } = await create(owner)
        const all = await Promise.all(
          Array.from({ length: 50 }, () => call('POST', `${path}/${body.id}/rotation`, owner.token, rotation)),
        )
        const refused = all.filter(({ status }) => status !== 201).map(({ body: problem }) => problem.code)
        expect(refused).toHaveLength(49)
        // Without an overlap the old key is dead: to those that came later it is not there.
        for (const code of refused) expect(['already_rotated', ...(living === 1 ? ['not_found'] : [])]).toContain(code)
        expect(await countLiving(owner)).toBe(living)
        expect(await countSlots(owner)).toBe(1)
      }
    },
    60_000,
  )
})

describe('a key can never touch a credential', () => {
  const calls: readonly Endpoint[] = Object.values(endpoints)
  const ofOwners = calls.flatMap((one) => (one.access?.kind === 'session' ? [{ ...one, access: one.access }] : []))

  it('is let in only where nothing is changed, by scopes that there are, and never by proof', () => {
    const open = ofOwners.filter(({ access }) => access.apiKeyScope !== undefined)
    expect(open.length).toBeGreaterThan(2)
    for (const { method, access } of open) {
      expect([method, access.proof, Object.hasOwn(builtInScopes, access.apiKeyScope ?? '')]).toEqual([
        'GET',
        false,
        true,
      ])
    }
  })

  it('with every scope there is, is refused by every other call, and nothing changes', async () => {
    const owner = await makeOwner()
    const { body } = await create(owner, { scopes: Object.keys(builtInScopes) })
    const before = await listAudited(store.database)
    for (const one of calls.filter(({ access }) => access && !('apiKeyScope' in access))) {
      const refused = await call(
        one.method,
        one.path.replace('{id}', body.id),
        body.key,
        one.body && one.method !== 'GET' ? {} : undefined,
      )
      // A rented server's calls are answered with an empty body; a key is no token of a rental.
      const code = hasBareRefusals(one) ? undefined : 'scope_missing'
      const expected = one.access?.kind === 'rental' ? [401, undefined] : [403, code]
      expect([one.name, refused.status, refused.body?.code]).toEqual([one.name, ...expected])
    }
    expect(await listAudited(store.database)).toEqual(before)
  })

  it('without the scope of a call is refused by it, and with it is let in', async () => {
    const owner = await makeOwner()
    const { body: bare } = await create(owner, { scopes: ['product:nothing'] })
    const { body: full } = await create(owner, { scopes: Object.keys(builtInScopes) })
    for (const one of ofOwners.filter(({ access }) => access.apiKeyScope !== undefined)) {
      expect([one.name, (await call('GET', one.path, bare.key)).status]).toEqual([one.name, 403])
      expect([one.name, (await call('GET', one.path, full.key)).status]).toEqual([one.name, 200])
    }
  })

  it.each([
    ['a cookie', { cookie: '__Host-portcullis=KEY' }],
    ['Basic', { authorization: 'Basic KEY' }],
    ['a header of its own', { 'x-api-key': 'KEY' }],
    ['lower case', { authorization: 'Bearer key' }],
  ])('and opens nothing as %s', async (_what, form) => {
    const { body } = await create(await makeOwner())
    const headers = Object.fromEntries(
      Object.entries(form).map(([name, value]) => [
        name,
        value.replace('KEY', body.key).replace('key', String(body.key).toLowerCase()),
      ]),
    )
    expect((await send(gateway, 'GET', '/v1/account/sessions', { headers })).status).toBe(401)
    expect((await send(gateway, 'GET', `/v1/account/sessions?token=${body.key}`)).status).toBe(401)
  })
})

interface Owner {
  readonly account: MadeAccount
  readonly token: string
}

/** An owner with a session that was proved just now. */
async function makeOwner(): Promise<Owner> {
  const account = await makeAccount(store.database)
  const { token, hash } = newSessionToken()
  await store.database.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at)
    values (${newId('session')}, ${account.id}, ${hash}, 1, now() + interval '30 days')`
  return { account, token }
}

function create(owner: Owner, given: Record<string, unknown> = {}): Promise<Called> {
  return call('POST', path, owner.token, { ...wish, ...given })
}

/** A call that the key's scopes allow. */
function reads(key: string, headers: Record<string, string> = {}): Promise<Called> {
  return call('GET', '/v1/account/sessions', key, undefined, headers)
}

function call(
  method: string,
  at: string,
  token: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Called> {
  return send(gateway, method, at, { token, body, headers })
}

/** The key as its owner sees it, once its use was noted: nobody waits for that note. */
function noted(id: string): Promise<Record<string, unknown>> {
  return vi.waitFor(async () => {
    const [row] = await store.database.sql<{ at: Date | null }[]>`
      select last_used_at as at from api_keys where id = ${hyphenated(id)}`
    if (!row?.at) throw new Error('not noted yet')
    const [key] = await store.database.sql<Record<string, unknown>[]>`
      select last_used_at as "lastUsedAt", last_used_network as "lastUsedNetwork", last_used_country as country
      from api_keys where id = ${hyphenated(id)}`
    const country = String(key?.['country'])
    const place = country === 'null' ? undefined : new Intl.DisplayNames(['en'], { type: 'region' }).of(country)
    return { lastUsedAt: key?.['lastUsedAt'], lastUsedNetwork: key?.['lastUsedNetwork'], lastUsedLocation: place }
  })
}

async function countLiving({ token }: Owner): Promise<number> {
  const { body } = await call('GET', path, token)
  return body.items?.length ?? 0
}

async function countSlots({ account }: Owner): Promise<number> {
  const [row] = await store.database.sql<{ count: number }[]>`
    select count(*)::int from api_keys where account_id = ${account.id} and slot is not null and revoked_at is null`
  return row?.count ?? 0
}
