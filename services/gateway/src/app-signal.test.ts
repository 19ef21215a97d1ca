import { createApiClient } from '@portcullis/domain/api-client/create'
import { useDatabase } from '@portcullis/testkit/database'
import { expectAudited, listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hyphenated } from './testing/hyphenated.ts'
import { listNoticeKinds } from './testing/list-notice-kinds.ts'
import { type MadeOwner, makeOwner, makeOwnSession } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
let gateway: OpenGateway
let client: { readonly token: string }
let owner: MadeOwner

beforeAll(async () => {
  gateway = await openGateway(store.database)
  const { secret } = await createApiClient(store.database, { name: 'Fraud desk', scopes: ['signals:write'] })
  client = { token: secret }
})
afterAll(() => gateway.close())
beforeEach(async () => {
  owner = await makeOwner(store.database)
})

const publicId = () => `acc_${owner.id.replaceAll('-', '')}`
const report = (given: Record<string, unknown> = {}, headers: Record<string, string> = {}, at = gateway) =>
  send(at, 'POST', '/v1/signals', {
    ...client,
    headers,
    body: { accountId: publicId(), kind: 'verdict', level: 'high', reason: 'impossible_payment', ...given },
  })
const high = () => report()
const callOf = (token: string) => send(gateway, 'GET', '/v1/account/session', { token })
const isProved = async (token: string) => {
  const answer = await send(gateway, 'POST', '/v1/account/two-factor', { token, body: {} })
  return answer.body?.code !== 'reauthentication_required'
}
const notices = () => listNoticeKinds(store.database, owner)
const signals = async () => {
  const [row] = await store.database.sql`
    select count(*)::int as count from risk_signals where account_id = ${owner.id}`
  return row?.['count']
}

describe('a risk signal', () => {
  it('of low level is noted, and nothing else', async () => {
    const { status, body } = await report({ level: 'low' })
    expect([status, body.taken]).toEqual([202, 'noted'])
    expect(body.id).toMatch(/^sig_[0-9a-f]{32}$/)
    expect([await notices(), await signals(), await isProved(owner.token)]).toEqual([[], 1, true])
  })

  it('of medium level is told to the owner', async () => {
    expect((await report({ level: 'medium' })).body.taken).toBe('notice')
    expect([await notices(), await isProved(owner.token)]).toEqual([['risk_reported'], true])
  })

  it('of high level makes every session prove itself again before anything sensitive, and ends none', async () => {
    const other = await makeOwnSession(store.database, owner.id)
    expect(await isProved(owner.token)).toBe(true)
    const { body } = await high()
    expect(body.taken).toBe('step_up')
    for (const { token } of [owner, other]) {
      expect(await isProved(token)).toBe(false)
      expect((await callOf(token)).status).toBe(200)
    }
    expect(await notices()).toEqual(['risk_reported'])
    const [audited] = await listAudited(store.database, hyphenated(body.id))
    expect(audited).toMatchObject({
      action: 'risk_level_change',
      actor: 'api_client',
      accountId: owner.id,
      details: { level: 'high', previousLevel: null, reason: 'impossible_payment', taken: 'step_up', sessions: 2 },
    })
  })

  it('of high level that nobody has answered locks the account at the second', async () => {
    await high()
    const { body } = await high()
    expect(body.taken).toBe('lockdown')
    expect((await callOf(owner.token)).status).toBe(401)
    const [lockdown] = await store.database.sql`
      select id, trigger, txn, reason from lockdowns where account_id = ${owner.id}`
    expect(lockdown).toMatchObject({ trigger: 'signal', reason: 'impossible_payment' })
    const [audited] = await listAudited(store.database, hyphenated(body.id))
    expect(audited?.details).toMatchObject({ txn: lockdown?.['txn'], lockdownId: lockdown?.['id'] })
    expect((await high()).body.taken).toBe('noted')
  })

  it('of high level that the owner has answered by a proof asks for the next one', async () => {
    await high()
    await store.database.sql`update sessions set proved_at = now() where id = ${owner.sessionId}`
    expect((await high()).body.taken).toBe('step_up')
  })

  it('of high level a day later asks for a proof again', async () => {
    await high()
    await store.database.sql`
      update risk_signals set received_at = now() - interval '86401 seconds' where account_id = ${owner.id}`
    expect((await high()).body.taken).toBe('step_up')
  })

  it('is a change of level only where the level changed', async () => {
    const first = await report({ level: 'low' })
    const second = await report({ level: 'low' })
    const third = await report({ level: 'medium' })
    await expectAudited(store.database, hyphenated(first.body.id), ['risk_level_change'])
    await expectAudited(store.database, hyphenated(second.body.id), ['risk_reported'])
    await expectAudited(store.database, hyphenated(third.body.id), ['risk_level_change'])
  })

  it('is one for a reference, however often and however parallel it is said', async () => {
    const said = await Promise.all(Array.from({ length: 10 }, () => report({ reference: `pay-${owner.id}` })))
    expect(new Set(said.map(({ status, body }) => `${status} ${body.id} ${body.taken}`)).size).toBe(1)
    expect([await signals(), await notices()]).toEqual([1, ['risk_reported']])
    const other = await makeOwner(store.database)
    const stolen = await report({ accountId: `acc_${other.id.replaceAll('-', '')}`, reference: `pay-${owner.id}` })
    expect([stolen.status, stolen.body.code]).toEqual([409, 'already_there'])
  })

  it('is one for an Idempotency-Key', async () => {
    const headers = { 'idempotency-key': `key-${owner.id}` }
    const [first, again] = [await report({}, headers), await report({}, headers)]
    expect(again.body).toEqual(first.body)
    expect(await signals()).toBe(1)
    expect((await report({ level: 'low' }, headers)).body.code).toBe('idempotency_key_reused')
  })

  it('locks at once where the policy says so', async () => {
    const strict = await openGateway(store.database, {
      riskPolicy: { low: 'notice', medium: 'step_up', high: 'lockdown', repeatSeconds: 60 },
    })
    expect((await report({ level: 'medium' }, {}, strict)).body.taken).toBe('step_up')
    expect((await report({ level: 'high' }, {}, strict)).body.taken).toBe('lockdown')
    await strict.close()
  })
})

describe('a report of risk is refused', () => {
  it.each([
    ['/level', { level: 'awful' }],
    ['/kind', { kind: 'rumour' }],
    ['/reason', { reason: 'Ada told me, ada@example.com' }],
    ['/reference', { reference: 'a b' }],
    ['/occurredAt', { occurredAt: '2999-01-01T00:00:00.000Z' }],
    ['/accountId', { accountId: 'me' }],
    ['/role', { role: 'admin' }],
  ])('that breaks the rule of %s, and nothing is written', async (pointer, given) => {
    const { status, body } = await report(given)
    expect([status, body.code, body.errors.map((one: { pointer: string }) => one.pointer)]).toEqual([
      422,
      'validation_failed',
      [pointer],
    ])
    expect(await signals()).toBe(0)
  })

  it('for an account that is not there, or disabled', async () => {
    await store.database.sql`update accounts set state = 'disabled' where id = ${owner.id}`
    expect((await high()).status).toBe(404)
    expect((await report({ accountId: `acc_${'0'.repeat(32)}` })).status).toBe(404)
    expect(await signals()).toBe(0)
  })

  it('from a client without the scope, and from an owner', async () => {
    const { secret } = await createApiClient(store.database, { name: 'Shop', scopes: ['introspect'] })
    const body = { accountId: publicId(), kind: 'verdict', level: 'high', reason: 'x' }
    const asked = (token: string) => send(gateway, 'POST', '/v1/signals', { token, body })
    expect((await asked(secret)).body.code).toBe('scope_missing')
    expect((await asked(owner.token)).status).toBe(403)
    expect(await signals()).toBe(0)
  })
})
