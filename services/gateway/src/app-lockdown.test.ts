import { formatId } from '@portcullis/contracts/ids'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { adminAccountPath } from './testing/admin-account-path.ts'
import { lockdownId, makeLink, runLockdown } from './testing/lockdown-ground.ts'
import { makeOwner, makeOwnSession, ownerPassword } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())
beforeEach(() => store.database.sql`delete from throttles`)

const call = (method: string, path: string, token?: string, body?: unknown, headers = {}) =>
  send(gateway, method, path, { ...(token !== undefined && { token }), body, headers })
const lockOwn = (token: string, body: unknown = {}) => call('POST', '/v1/account/lockdowns', token, body)
const stateOf = async (id: string) =>
  (await store.database.sql<{ state: string }[]>`select state from accounts where id = ${id}`)[0]?.state
const stale = (sessionId: string) =>
  store.database.sql`update sessions set proved_at = now() - interval '601 seconds' where id = ${sessionId}`

async function makeStaff(role: 'admin' | 'support') {
  const owner = await makeOwner(store.database)
  await store.database.sql`update accounts set role = ${role} where id = ${owner.id}`
  await store.database.sql`update sessions set second_factor = true where id = ${owner.sessionId}`
  return owner
}

async function makeClient() {
  return createApiClient(store.database, { name: 'Shop', scopes: ['accounts:write'] })
}

describe('an owner who says "compromised"', () => {
  it('is answered when nothing that was issued before opens anything', async () => {
    const owner = await makeOwner(store.database)
    const other = await makeOwnSession(store.database, owner.id)
    const locked = await lockOwn(owner.token, { reason: 'My laptop was stolen' })
    expect(locked).toMatchObject({ status: 202, body: { state: 'open', watchToken: expect.stringMatching(/^pcw_/) } })
    expect(locked.headers.get('location')).toBe(`/v1/operations/opn_${locked.body.id.slice(4)}`)
    for (const token of [owner.token, other.token])
      expect((await call('GET', '/v1/account/session', token)).status).toBe(401)
    const login = await call('POST', '/v1/sessions', undefined, { email: owner.email, password: ownerPassword })
    expect(login).toMatchObject({ status: 401, body: { code: 'login_refused' } })
    const [audited] = await listAudited(store.database, lockdownId(locked.body.id))
    expect(audited).toMatchObject({ action: 'account_locked', actor: 'account', details: { trigger: 'owner' } })
  })

  it('brings one factor where the session was proved too long ago, and a wrong one locks nothing', async () => {
    const owner = await makeOwner(store.database)
    await stale(owner.sessionId)
    expect((await lockOwn(owner.token)).body).toMatchObject({ code: 'reauthentication_required' })
    expect((await lockOwn(owner.token, { password: 'Wrong-Horse-7-Battery' })).body).toMatchObject({
      code: 'proof_refused',
    })
    expect(await stateOf(owner.id)).toBe('active')
    expect((await lockOwn(owner.token, { password: ownerPassword })).status).toBe(202)
  })

  it('cannot set the suspect window into the future', async () => {
    const owner = await makeOwner(store.database)
    const refused = await lockOwn(owner.token, { compromisedSince: '2999-01-01T00:00:00.000Z' })
    expect(refused.body).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/compromisedSince' }] })
    expect(await stateOf(owner.id)).toBe('active')
  })
})

describe('a "this wasn’t me" link', () => {
  const use = (token: string, more = {}) => call('POST', '/v1/lockdown-links', undefined, { token, ...more })

  it('locks, once, and tells nothing of the account', async () => {
    const owner = await makeOwner(store.database)
    const token = await makeLink(store.database, owner.id)
    expect(await use(token)).toMatchObject({ status: 202, body: { status: 'accepted' } })
    expect(await stateOf(owner.id)).toBe('locked')
    expect((await use(token)).body).toMatchObject({ code: 'token_invalid' })
  })

  it('that was used, is over, was never made, or belongs to a disabled account is answered alike', async () => {
    const owner = await makeOwner(store.database)
    const [used, over, ofDisabled] = [
      await makeLink(store.database, owner.id),
      await makeLink(store.database, owner.id),
      await makeLink(store.database, (await makeOwner(store.database)).id),
    ]
    await use(used)
    await store.database.sql`
      update notices set link_expires_at = now() - interval '1 second' where account_id = ${owner.id} and link_used_at is null`
    await store.database.sql`
      update accounts set state = 'disabled' where id = (
        select account_id from notices where link_used_at is null and link_expires_at > now() limit 1)`
    const answers = await Promise.all([used, over, ofDisabled, 'x'.repeat(43)].map((token) => use(token)))
    const told = answers.map(({ status, body }) => JSON.stringify([status, { ...body, requestId: '' }]))
    expect(new Set(told).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 422, body: { code: 'token_invalid' } })
  })

  it('is good for one of fifty who have it at the same time: ten times', async () => {
    for (let round = 0; round < 10; round += 1) {
      await store.database.sql`delete from throttles`
      const owner = await makeOwner(store.database)
      const token = await makeLink(store.database, owner.id)
      const answers = await Promise.all(Array.from({ length: 50 }, () => use(token)))
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(1)
      const [row] = await store.database
        .sql`select count(*)::int as count, max(joined) as joined from lockdowns where account_id = ${owner.id}`
      expect(row).toEqual({ count: 1, joined: 0 })
    }
  }, 60_000)

  it('a second one within a day that would lock again needs a factor; a wrong factor leaves it unused', async () => {
    const owner = await makeOwner(store.database)
    const [first, joining, second] = [
      await makeLink(store.database, owner.id),
      await makeLink(store.database, owner.id),
      await makeLink(store.database, owner.id),
    ]
    await use(first)
    // It joins the lockdown that is open: nobody is locked out by it who was not already.
    expect((await use(joining)).status).toBe(202)
    await store.database.sql`update lockdowns set state = 'recovered' where account_id = ${owner.id}`
    await store.database.sql`update accounts set state = 'active' where id = ${owner.id}`
    expect((await use(second)).body).toMatchObject({ status: 403, code: 'factor_required' })
    expect((await use(second, { password: 'Wrong-Horse-7-Battery' })).body).toMatchObject({ code: 'factor_required' })
    expect(await stateOf(owner.id)).toBe('active')
    expect((await use(second, { password: ownerPassword })).status).toBe(202)
    expect(await stateOf(owner.id)).toBe('locked')
  })
})

describe('on behalf of an owner', () => {
  it('a client locks, once for an Idempotency-Key, and may watch; another client may not', async () => {
    const [owner, client, stranger] = [await makeOwner(store.database), await makeClient(), await makeClient()]
    const path = `/v1/accounts/${formatId('account', owner.id)}/lockdowns`
    const headers = { 'idempotency-key': 'lock-1' }
    const answers = await Promise.all(Array.from({ length: 10 }, () => call('POST', path, client.secret, {}, headers)))
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1)
    expect(answers[0]?.status).toBe(202)
    const [row] = await store.database.sql`select joined from lockdowns where account_id = ${owner.id}`
    expect(row).toEqual({ joined: 0 })
    const other = await call('POST', path, client.secret, { reason: 'other' }, headers)
    expect(other.body).toMatchObject({ code: 'idempotency_key_reused' })
    const operation = answers[0]?.headers.get('location') ?? ''
    expect((await call('GET', operation, client.secret)).status).toBe(200)
    expect((await call('GET', operation, stranger.secret)).status).toBe(404)
  })

  it('a client starts a reset and ends all sessions; the owner is told', async () => {
    const [owner, client] = [await makeOwner(store.database), await makeClient()]
    const path = `/v1/accounts/${formatId('account', owner.id)}`
    expect((await call('POST', `${path}/password-resets`, client.secret)).body).toEqual({ status: 'accepted' })
    const resets = await store.database.sql`select email_key from password_resets where email_key = ${owner.emailKey}`
    expect(resets).toHaveLength(1)
    expect((await call('DELETE', `${path}/sessions`, client.secret)).body).toEqual({ revoked: 1 })
    expect((await call('GET', '/v1/account/session', owner.token)).status).toBe(401)
    const notices = await store.database.sql`select kind from notices where account_id = ${owner.id}`
    expect(notices).toEqual([{ kind: 'sessions_revoked' }])
  })

  it('an account that is not there, or disabled, is not found, and nothing is written', async () => {
    const [owner, client] = [await makeOwner(store.database), await makeClient()]
    await store.database.sql`update accounts set state = 'disabled' where id = ${owner.id}`
    for (const id of [formatId('account', owner.id), 'acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f', 'nonsense']) {
      for (const [method, what] of [
        ['POST', 'lockdowns'],
        ['POST', 'password-resets'],
        ['DELETE', 'sessions'],
      ] as const) {
        const body = what === 'lockdowns' ? {} : undefined
        const answer = await call(method, `/v1/accounts/${id}/${what}`, client.secret, body)
        expect(answer.body).toMatchObject({ code: 'not_found' })
      }
    }
    expect(await listAudited(store.database, owner.id)).toEqual([])
  })

  it.each(['support', 'admin'] as const)(
    '%s locks with a reason, which the audit trail and the report keep',
    async (role) => {
      const [owner, staff] = [await makeOwner(store.database), await makeStaff(role)]
      const path = `${adminAccountPath(owner)}/lockdowns`
      expect((await call('POST', path, staff.token, {})).body).toMatchObject({ errors: [{ pointer: '/reason' }] })
      expect(await stateOf(owner.id)).toBe('active')
      const locked = await call('POST', path, staff.token, { reason: 'Ticket 4711' })
      expect(locked.status).toBe(202)
      const [audited] = await listAudited(store.database, lockdownId(locked.body.id))
      expect(audited).toMatchObject({ actor: role, details: { trigger: 'admin' } })
      const report = await call('GET', `/v1/admin/lockdowns/${locked.body.id}/report`, staff.token)
      expect(report.body).toMatchObject({ reason: 'Ticket 4711', trigger: 'admin', state: 'open' })
      expect(report.body.timeline[0]).toMatchObject({ action: 'account_locked', milliseconds: 0 })
      const ended = await call('DELETE', path.replace('lockdowns', 'sessions'), staff.token, { reason: 'Ticket 4711' })
      expect(ended.status).toBe(200)
    },
  )

  it('members, and staff without a fresh proof, cannot', async () => {
    const [owner, member, admin] = [
      await makeOwner(store.database),
      await makeOwner(store.database),
      await makeStaff('admin'),
    ]
    const path = `${adminAccountPath(owner)}/lockdowns`
    expect((await call('POST', path, member.token, { reason: 'x' })).body).toMatchObject({ code: 'not_allowed' })
    await stale(admin.sessionId)
    expect((await call('POST', path, admin.token, { reason: 'x' })).body).toMatchObject({
      code: 'reauthentication_required',
    })
    expect(await stateOf(owner.id)).toBe('active')
  })
})

describe('the report as a page', () => {
  it('loads and runs nothing, shows every step and event, and shows what was typed as text', async () => {
    const [owner, staff] = [await makeOwner(store.database), await makeStaff('support')]
    const locked = await lockOwn(owner.token, { reason: '<script>alert(1)</script> & more' })
    await runLockdown(store.database, locked.body.id)
    const path = `/v1/admin/lockdowns/${locked.body.id}/report`
    const page = await call('GET', `${path}?format=html`, staff.token)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri/,
    )
    expect(page.headers.get('cache-control')).toBe('no-store')
    const text = String(page.body)
    expect(text).not.toMatch(/<script|<link|<img|\son\w+=|url\(|@import/i)
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; more')
    const report = (await call('GET', path, staff.token)).body
    for (const { title } of report.steps) expect(text).toContain(title)
    for (const { action } of report.timeline) expect(text).toContain(`<code>${action}</code>`)
    expect(report.timeline.map((one: { action: string }) => one.action)).toEqual(
      expect.arrayContaining(['account_locked', 'sessions_revoked', 'lockdown_step_proven']),
    )
    expect((await call('GET', `${path}?format=pdf`, staff.token)).body).toMatchObject({ code: 'validation_failed' })
  })
})
