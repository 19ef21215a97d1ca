import { randomBytes } from 'node:crypto'
import { formatId, type Id } from '@portcullis/contracts/ids'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { sha256 } from '@portcullis/runtime/digest'
import { newUuid } from '@portcullis/runtime/id'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, makeSession } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send } from './testing/send.ts'
import { newSshKeyLine } from './testing/ssh-key-line.ts'

const store = useDatabase()
let gateway: OpenGateway
let product = ''
beforeAll(async () => {
  gateway = await openGateway(store.database)
  product = (await createApiClient(store.database, { name: 'shop', scopes: ['rentals:write'] })).secret
})
afterAll(() => gateway.close())

const nobody = `prt_${'A'.repeat(43)}`

describe('a rental', () => {
  it('is given a token once, and told of again it is the same rental without one', async () => {
    const owner = await makeOwner()
    const id = newRentalId()
    const body = { accountId: formatId('account', owner.id), host: 'srv.example.com' }
    const first = await call('PUT', `/v1/rentals/${id}`, product, body)
    expect(first).toMatchObject({
      status: 201,
      body: { id, ...body, keys: [], rentalToken: expect.stringMatching(/^prt_[\w-]{43}$/) },
    })
    const again = await call('PUT', `/v1/rentals/${id}`, product, { ...body, host: '192.0.2.7' })
    expect(again.status).toBe(200)
    expect(again.body).toEqual({ id, ...body, host: '192.0.2.7', keys: [], createdAt: first.body.createdAt })
    expect(await audited(owner)).toEqual(['rental_started', 'rental_updated'])
  })

  it('is made once, however many tell of it at once, and its token is shown once', async () => {
    const owner = await makeOwner()
    const id = newRentalId()
    const body = { accountId: formatId('account', owner.id), host: 'srv.example.com' }
    const tries = await Promise.all(Array.from({ length: 50 }, () => call('PUT', `/v1/rentals/${id}`, product, body)))
    expect(tries.filter((one) => one.status === 201)).toHaveLength(1)
    expect(tries.filter((one) => one.status === 200 && !('rentalToken' in one.body))).toHaveLength(49)
  })

  it('stores its token only as a hash, and logs none', async () => {
    const { token } = await rent(await makeOwner())
    const found = await store.database.sql`
      select to_jsonb(r)::text as row from rentals r union all select to_jsonb(a)::text from audit_events a`
    expect(JSON.stringify(found)).not.toContain(token.slice(4))
    expect(gateway.logged.join('')).not.toContain(token.slice(4))
  })

  it('keeps its name: another account cannot have it, nor can it come back', async () => {
    const [owner, other] = [await makeOwner(), await makeOwner()]
    const { id } = await rent(owner)
    const theirs = { accountId: formatId('account', other.id), host: 'a' }
    expect(await call('PUT', `/v1/rentals/${id}`, product, theirs)).toMatchObject({
      status: 409,
      body: { code: 'already_there' },
    })
    expect((await call('DELETE', `/v1/rentals/${id}`, product)).status).toBe(204)
    expect((await call('DELETE', `/v1/rentals/${id}`, product)).status).toBe(404)
    const mine = { accountId: formatId('account', owner.id), host: 'a' }
    expect((await call('PUT', `/v1/rentals/${id}`, product, mine)).status).toBe(409)
    expect(await audited(owner)).toEqual(['rental_started', 'rental_ended'])
  })

  it('is told of only by a client with the scope', async () => {
    const owner = await makeOwner()
    const { secret } = await createApiClient(store.database, { name: 'reader', scopes: ['introspect'] })
    const id = newRentalId()
    const body = { accountId: formatId('account', owner.id), host: 'a' }
    for (const [token, status] of [
      [secret, 403],
      [owner.token, 403],
      [nobody, 401],
      ['', 401],
    ] as const) {
      expect((await call('PUT', `/v1/rentals/${id}`, token, body)).status).toBe(status)
      expect((await call('DELETE', `/v1/rentals/${id}`, token)).status).toBe(status)
    }
    expect(await store.database.sql`select id from rentals where id = ${id}`).toHaveLength(0)
  })

  it('of an unknown account is 404, and a host or name that is none is refused', async () => {
    const body = { accountId: formatId('account', newUuid() as Id<'account'>), host: 'a' }
    expect((await call('PUT', `/v1/rentals/${newRentalId()}`, product, body)).status).toBe(404)
    for (const host of ['', 'a b', 'a\n', '-x', '../x', 'x'.repeat(254)]) {
      const refused = await call('PUT', `/v1/rentals/${newRentalId()}`, product, { ...body, host })
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/host' }] } })
    }
    for (const id of ['.x', 'x'.repeat(101), 'a%20b', 'a%2Fb']) {
      expect((await call('PUT', `/v1/rentals/${id}`, product, body)).status).toBe(404)
    }
  })
})

describe('the keys of a rented server', () => {
  it('are those that its renter has and adds later, canonical, with our comment', async () => {
    const owner = await makeOwner()
    const early = await addKey(owner, 'early')
    const rental = await rent(owner)
    const late = await addKey(owner, 'late')
    expect(await states(owner)).toEqual({ early: 'pending', late: 'pending' })
    const fetched = await fetchKeys(rental)
    expect([fetched.status, fetched.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
    const lines = fetched.text.trimEnd().split('\n').toSorted()
    expect(lines).toEqual([early, late].map((key) => `${key.publicKey} portcullis:${key.id}`).toSorted())
    expect(fetched.text.endsWith('\n')).toBe(true)
  })

  it('go from pending to deployed when the host fetches them, to withdrawn at once, confirmed at the next fetch', async () => {
    const owner = await makeOwner()
    const key = await addKey(owner, 'laptop')
    const rental = await rent(owner)
    await fetchKeys(rental)
    expect(await keysOn(rental, owner)).toMatchObject([
      { id: key.id, state: 'deployed', confirmedAt: expect.any(String) },
    ])
    expect((await call('DELETE', `/v1/account/ssh-keys/${key.id}`, owner.token)).status).toBe(204)
    expect(await keysOn(rental, owner)).toMatchObject([{ id: key.id, state: 'withdrawn', confirmedAt: null }])
    const after = await fetchKeys(rental)
    expect([after.status, after.text]).toEqual([200, ''])
    expect(await keysOn(rental, owner)).toMatchObject([{ state: 'withdrawn', confirmedAt: expect.any(String) }])
    await fetchKeys(rental)
    const facts = [
      'ssh_key_added',
      'rental_started',
      'ssh_key_deployed',
      'ssh_key_revoked',
      'ssh_key_withdrawal_confirmed',
    ]
    expect(await audited(owner)).toEqual(facts)
  })

  it('are withdrawn from every server when one is revoked', async () => {
    const owner = await makeOwner()
    const key = await addKey(owner, 'laptop')
    const rentals = [await rent(owner), await rent(owner), await rent(owner)]
    await call('DELETE', `/v1/account/ssh-keys/${key.id}`, owner.token)
    for (const rental of rentals) expect((await fetchKeys(rental)).text).toBe('')
  })

  it('never include one of another account', async () => {
    const [owner, other] = [await makeOwner(), await makeOwner()]
    await addKey(other, 'theirs')
    const rental = await rent(owner)
    await addKey(other, 'theirs too')
    expect((await fetchKeys(rental)).text).toBe('')
  })

  it.each([
    ['an unknown token', async (rental: Rental) => ({ ...rental, token: nobody }), 401],
    ['a session', async (rental: Rental, owner: Owner) => ({ ...rental, token: owner.token }), 401],
    ['a client’s secret', async (rental: Rental) => ({ ...rental, token: product }), 401],
    [
      'the token of another rental',
      async (rental: Rental, owner: Owner) => ({ ...rental, token: (await rent(owner)).token }),
      404,
    ],
    [
      'a rental that is over',
      async (rental: Rental) => (await call('DELETE', `/v1/rentals/${rental.id}`, product), rental),
      401,
    ],
    [
      'a locked account',
      async (rental: Rental, owner: Owner) => (
        await store.database.sql`update accounts set state = 'locked' where id = ${owner.id}`,
        rental
      ),
      404,
    ],
    [
      'a raised fence',
      async (rental: Rental, owner: Owner) => (
        await store.database.sql`update accounts set security_epoch = security_epoch + 1 where id = ${owner.id}`,
        rental
      ),
      404,
    ],
  ])('are refused with an empty body: %s', async (_what, spoil, status) => {
    const owner = await makeOwner()
    await addKey(owner, 'laptop')
    const rental = await rent(owner)
    expect((await fetchKeys(rental)).text).toContain('ssh-ed25519')
    const refused = await fetchKeys(await spoil(rental, owner))
    expect([refused.status, refused.text, refused.headers.get('content-type')]).toEqual([status, '', null])
  })

  it('that a fence has voided are left out beside one that lives', async () => {
    const owner = await makeOwner()
    const [void_, living] = [await addKey(owner, 'void'), await addKey(owner, 'living')]
    const rental = await rent(owner)
    await store.database.sql`update ssh_keys set global_epoch = 0 where name = 'void' and account_id = ${owner.id}`
    const { text } = await fetchKeys(rental)
    expect(text).toContain(living.publicKey)
    expect(text).not.toContain(void_.publicKey)
  })

  it.each(['', 'user=', 'user=a%0Ab', 'user=-rf', 'user=a&user=b', 'user=a&x=b', `user=${'a'.repeat(33)}`])(
    'are refused with an empty body for the query %j',
    async (query) => {
      const rental = await rent(await makeOwner())
      const answer = await fetchKeys(rental, query)
      expect([answer.status, answer.text]).toEqual([422, ''])
    },
  )

  it('all reach every server, however keys and rentals are made at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const owner = await makeOwner()
      const [rentals] = await Promise.all([
        Promise.all(Array.from({ length: 5 }, () => rent(owner))),
        Promise.all(Array.from({ length: 3 }, (_, at) => addKey(owner, `key ${at}`))),
      ])
      for (const rental of rentals) expect((await fetchKeys(rental)).text.split('\n')).toHaveLength(4)
    }
  })

  it('are never confirmed as gone by a fetch that still gave them out', async () => {
    for (let round = 0; round < 20; round += 1) {
      const owner = await makeOwner()
      const key = await addKey(owner, 'laptop')
      const rental = await rent(owner)
      const [fetched] = await Promise.all([
        fetchKeys(rental),
        call('DELETE', `/v1/account/ssh-keys/${key.id}`, owner.token),
      ])
      const [row] = await keysOn(rental, owner)
      expect(row).toMatchObject({ state: 'withdrawn' })
      const liedAbout = fetched.text !== '' && row?.['confirmedAt'] !== null
      expect(liedAbout).toBe(false)
      expect((await fetchKeys(rental)).text).toBe('')
    }
  })
})

describe('the revocation list', () => {
  it('is an empty KRL before anything was revoked, and 304 while it does not change', async () => {
    const owner = await makeOwner()
    const rental = await rent(owner)
    const first = await fetchList(rental)
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
    expect(first.bytes.subarray(0, 8).toString('latin1')).toBe('SSHKRL\n\0')
    const etag = first.headers.get('etag') ?? ''
    const same = await fetchList(rental, { 'if-none-match': `"other", W/${etag}` })
    expect([same.status, same.bytes.length]).toEqual([304, 0])
    const key = await addKey(owner, 'laptop')
    await call('DELETE', `/v1/account/ssh-keys/${key.id}`, owner.token)
    const changed = await fetchList(rental, { 'if-none-match': etag })
    expect(changed.status).toBe(200)
    expect(changed.bytes.includes(digestOf(key))).toBe(true)
    expect((await fetchList(rental)).bytes).toEqual(changed.bytes)
  })

  it('holds every key that must open nothing: revoked ones, all of a locked account, those behind a fence', async () => {
    const owner = await makeOwner()
    const [gone, living] = [await addKey(owner, 'gone'), await addKey(owner, 'living')]
    const rental = await rent(owner)
    await call('DELETE', `/v1/account/ssh-keys/${gone.id}`, owner.token)
    const before = await fetchList(rental)
    expect([gone, living].map((key) => before.bytes.includes(digestOf(key)))).toEqual([true, false])
    await store.database
      .sql`update accounts set security_epoch = security_epoch + 1, state = 'locked' where id = ${owner.id}`
    const after = await fetchList(rental)
    expect([gone, living].map((key) => after.bytes.includes(digestOf(key)))).toEqual([true, true])
    expect(after.bytes.readBigUInt64BE(12)).toBeGreaterThan(before.bytes.readBigUInt64BE(12))
  })

  it('lets a key in again that was added anew, and holds no key that only another account revoked', async () => {
    const [owner, other] = [await makeOwner(), await makeOwner()]
    const line = newSshKeyLine()
    const rental = await rent(owner)
    const first = await addKey(owner, 'first', line)
    await call('DELETE', `/v1/account/ssh-keys/${first.id}`, owner.token)
    await addKey(owner, 'again', line)
    const theirs = await addKey(other, 'theirs', line)
    await call('DELETE', `/v1/account/ssh-keys/${theirs.id}`, other.token)
    expect((await fetchList(rental)).bytes.includes(digestOf(first))).toBe(false)
  })

  it('is refused with an empty body without a rental that lives', async () => {
    const rental = await rent(await makeOwner())
    await call('DELETE', `/v1/rentals/${rental.id}`, product)
    for (const token of [rental.token, nobody, product]) {
      const refused = await fetchList({ ...rental, token })
      expect([refused.status, refused.bytes.length]).toEqual([401, 0])
    }
  })
})

interface Owner {
  readonly id: Id<'account'>
  readonly token: string
}

interface Rental {
  readonly id: string
  readonly token: string
}

interface Key {
  readonly id: string
  readonly publicKey: string
}

function newRentalId(): string {
  return `srv-${randomBytes(6).toString('hex')}`
}

async function makeOwner(): Promise<Owner> {
  const { id } = await makeAccount(store.database)
  const session = await makeSession(store.database, id)
  const token = `pcs_${randomBytes(32).toString('base64url').replaceAll(/[-_]/g, 'x')}`
  await store.database.sql`update sessions set token_hash = ${sha256(token)} where id = ${session}`
  return { id, token }
}

async function addKey(owner: Owner, name: string, publicKey = newSshKeyLine()): Promise<Key> {
  const made = await call('POST', '/v1/account/ssh-keys', owner.token, { name, publicKey })
  expect(made.status).toBe(201)
  return made.body
}

async function rent(owner: Owner): Promise<Rental> {
  const id = newRentalId()
  const body = { accountId: formatId('account', owner.id), host: 'srv.example.com' }
  const made = await call('PUT', `/v1/rentals/${id}`, product, body)
  expect(made.status).toBe(201)
  return { id, token: made.body.rentalToken }
}

async function fetchKeys({ id, token }: Rental, query = 'user=root') {
  const { body, ...answer } = await send(gateway, 'GET', `/v1/rentals/${id}/authorized-keys?${query}`, { token })
  return { ...answer, text: String(body ?? '') }
}

async function fetchList({ token }: Rental, headers: Record<string, string> = {}) {
  const path = '/v1/ssh/revoked-keys.krl'
  const { body, ...answer } = await send(gateway, 'GET', path, { token, headers, binary: true })
  return { ...answer, bytes: body as Buffer }
}

/** What the product is told of the keys on a rental. */
async function keysOn(rental: Rental, owner: Owner): Promise<Record<string, unknown>[]> {
  const body = { accountId: formatId('account', owner.id), host: 'srv.example.com' }
  return (await call('PUT', `/v1/rentals/${rental.id}`, product, body)).body.keys
}

/** What the owner is told: the state of each key, by its name. */
async function states(owner: Owner): Promise<Record<string, string>> {
  const { items } = (await call('GET', '/v1/account/ssh-keys', owner.token)).body
  return Object.fromEntries(
    items.map((key: { name: string; deployments: { state: string }[] }) => [key.name, key.deployments[0]?.state]),
  )
}

function digestOf(key: Key): Buffer {
  return sha256(Buffer.from(key.publicKey.split(' ')[1] ?? '', 'base64'))
}

function call(method: string, target: string, token: string, body?: unknown): Promise<Called> {
  return send(gateway, method, target, { token, body })
}

async function audited(owner: Owner): Promise<string[]> {
  const found = await store.database.sql<{ action: string }[]>`
    select action from audit_events where account_id = ${owner.id} order by id`
  return found.map((row) => row.action)
}
