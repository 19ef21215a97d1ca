import { asId, formatId, type Id } from '@portcullis/contracts/ids'
import { verifyExport } from '@portcullis/domain/audit/verify'
import { newId } from '@portcullis/runtime/id'
import { makeAuditKeys, makeFact, recordEach, sealAll } from '@portcullis/testkit/audit'
import { useDatabase } from '@portcullis/testkit/database'
import { expectAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MadeOwner, makeOwner } from './testing/make-owner.ts'
import { makeStaff } from './testing/make-staff.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
const auditKeys = makeAuditKeys()
const at = '/v1/admin/audit-events'
let gateway: OpenGateway
let admin: MadeOwner
let owner: MadeOwner
const client = newId('apiClient')
const subject = { kind: 'audit_test', id: newId('session') }

beforeAll(async () => {
  gateway = await openGateway(store.database, { auditKeys })
  admin = await makeStaff(store.database, 'admin')
  owner = await makeOwner(store.database)
  for (let nth = 0; nth < 12; nth += 1)
    await recordEach(store.database, [makeFact(owner.id, { action: 'api_key_created', details: { nth } })])
  await recordEach(
    store.database,
    [makeFact(owner.id, { action: 'session_revoked', actor: 'admin', actorId: admin.id, requestId: 'req_one' })],
    [makeFact(owner.id, { action: 'session_revoked', actor: 'api_client', actorId: client, requestId: 'req_two' })],
    [makeFact(null, { action: 'secrets_resealed', requestId: 'req_two', subject })],
  )
  await sealAll(store.database, auditKeys, 5)
})
afterAll(() => gateway.close())

const get = (path: string, token = admin.token) => send(gateway, 'GET', path, { token })
const search = async (query: string) => (await get(`${at}?${query}`)).body.items
const actions = async (query: string) => (await search(query)).map((item: { action: string }) => item.action)

async function* pieces(text: string) {
  yield text
}

describe('the audit can be searched', () => {
  it('newest first, page by page, each event once', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const { status, body } = await get(`${at}?limit=4${cursor && `&cursor=${cursor}`}`)
      expect(status).toBe(200)
      seen.push(...body.items.map((item: { id: string }) => item.id))
      cursor = body.nextCursor ?? ''
    } while (cursor !== '')
    const rows = await store.database.sql<{ id: Id<'auditEvent'> }[]>`select id from audit_events order by id desc`
    expect(seen).toEqual(rows.map((row) => formatId('auditEvent', row.id)))
  })

  it.each(['accountId', 'action'])('page by page by %s as well', async (by) => {
    const value = by === 'accountId' ? formatId('account', owner.id) : 'api_key_created'
    const whole = await search(`${by}=${value}`)
    const first = (await get(`${at}?${by}=${value}&limit=5`)).body
    const second = (await get(`${at}?${by}=${value}&limit=100&cursor=${first.nextCursor}`)).body
    expect([...first.items, ...second.items]).toEqual(whole)
    expect(second.nextCursor).toBeNull()
    expect(whole.length).toBeGreaterThan(10)
  })

  it('by account, action, who did it, and which call; what is given must all hold', async () => {
    const account = `accountId=${formatId('account', owner.id)}`
    expect(await actions(`${account}&limit=3`)).toEqual(['session_revoked', 'session_revoked', 'api_key_created'])
    expect(await actions('action=secrets_resealed')).toEqual(['secrets_resealed'])
    expect(await actions(`${account}&action=secrets_resealed`)).toEqual([])
    expect(await actions(`actorId=${formatId('account', admin.id)}`)).toEqual(['session_revoked'])
    expect((await search(`actorId=${formatId('apiClient', client)}`))[0]).toMatchObject({
      actor: 'api_client',
      actorId: formatId('apiClient', client),
      requestId: 'req_two',
    })
    expect(await actions('requestId=req_two')).toEqual(['secrets_resealed', 'session_revoked'])
    expect(await actions(`requestId=req_two&${account}`)).toEqual(['session_revoked'])
  })

  it('by time', async () => {
    const [newest, next] = await search('limit=2')
    expect(await search(`since=${next.occurredAt}&limit=200`)).toContainEqual(next)
    expect(await actions(`until=2020-01-01T00:00:00Z`)).toEqual([])
    expect(await actions(`since=2999-01-01T00:00:00Z`)).toEqual([])
    expect(await search(`until=${newest.occurredAt}&accountId=${formatId('account', owner.id)}`)).not.toContainEqual(
      newest,
    )
  })

  it('tells the place in the chain once it has one', async () => {
    const [event] = await search('action=secrets_resealed')
    expect(event).toMatchObject({ sequence: 15, seal: expect.any(Number), erased: false, subject, accountId: null })
    await recordEach(store.database, [makeFact(null, { action: 'mail_sent' })])
    expect((await search('action=mail_sent'))[0]).toMatchObject({ sequence: null, seal: null })
  })

  it.each([
    ['accountId=acc_1', '/accountId'],
    ['action=DROP%20TABLE', '/action'],
    ['limit=0', '/limit'],
    ['limit=201', '/limit'],
    ['cursor=abc', '/cursor'],
    ['since=yesterday', '/since'],
    ['actorId=ses_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f', '/actorId'],
    ['everything=1', '/everything'],
  ])('refuses %s and names the field', async (query, pointer) => {
    const { status, body } = await get(`${at}?${query}`)
    expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'validation_failed', pointer])
  })
})

describe('an export', () => {
  it('verifies by the published keys, names who took it, and is told as NDJSON', async () => {
    const { status, headers, body } = await get(`${at}/export`)
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
    const published = await send(gateway, 'GET', '/.well-known/portcullis-audit-keys')
    expect(published.headers.get('cache-control')).toBe('public, max-age=300')
    const verdict = await verifyExport(pieces(body), { keys: published.body.keys })
    expect(verdict).toMatchObject({ ok: true, events: 15, seals: 3, trusted: true })
    const [noted] = await search('action=audit_exported')
    expect(noted).toMatchObject({ actor: 'admin', actorId: formatId('account', admin.id) })
    await expectAudited(store.database, noted.subject.id, ['audit_exported'])
  })

  it('of a range has whole seals and verifies by itself', async () => {
    const { body } = await get(`${at}/export?fromSequence=7&toSequence=8`)
    const verdict = await verifyExport(pieces(body), { keys: auditKeys.published })
    expect(verdict).toMatchObject({ ok: true, firstSequence: 6, lastSequence: 10 })
  })

  it('that loses a seal on the way is cut, and known for cut', async () => {
    const { body } = await get(`${at}/export`)
    const cut = body.slice(0, body.lastIndexOf('{"kind":"end"'))
    expect(await verifyExport(pieces(cut), { keys: auditKeys.published })).toMatchObject({
      ok: false,
      code: 'truncated',
    })
  })

  it('wants a fresh proof, and says so in words', async () => {
    const late = await makeStaff(store.database, 'admin')
    await store.database.sql`update sessions set proved_at = now() - interval '11 minutes' where id = ${late.sessionId}`
    const before = (await search('action=audit_exported')).length
    const refused = await get(`${at}/export`, late.token)
    expect([refused.status, refused.body.code]).toEqual([403, 'reauthentication_required'])
    expect((await get(at, late.token)).status).toBe(200)
    expect(await search('action=audit_exported')).toHaveLength(before)
  })
})

describe('seals', () => {
  it('are listed, newest first, page by page', async () => {
    const first = (await get('/v1/admin/audit-seals?limit=2')).body
    expect(first.items.map((seal: { seal: number }) => seal.seal)).toEqual([3, 2])
    const second = (await get(`/v1/admin/audit-seals?limit=2&cursor=${first.nextCursor}`)).body
    expect(second.items).toMatchObject([{ seal: 1, firstSequence: 1, previousHash: '0'.repeat(64), anchoredAt: null }])
    expect(second.nextCursor).toBeNull()
    expect(first.items[1].previousHash).toBe(second.items[0].hash)
  })
})

it.each([at, `${at}/export`, '/v1/admin/audit-seals'])('%s is for admins with a second factor only', async (path) => {
  const [support, single] = [
    await makeStaff(store.database, 'support'),
    await makeStaff(store.database, 'admin', false),
  ]
  expect((await get(path, support.token)).body.code).toBe('not_allowed')
  expect((await get(path, owner.token)).body.code).toBe('not_allowed')
  expect((await get(path, single.token)).body.code).toBe('second_factor_required')
  expect((await send(gateway, 'GET', path)).body.code).toBe('credential_required')
  expect((await get(path, `pck_${asId('apiKey', 'x'.repeat(43))}`)).status).toBe(401)
})
