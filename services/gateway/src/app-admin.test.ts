import { formatId } from '@portcullis/contracts/ids'
import { useDatabase } from '@portcullis/testkit/database'
import { expectAudited, listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { adminAccountPath } from './testing/admin-account-path.ts'
import { listNoticeKinds } from './testing/list-notice-kinds.ts'
import { runLockdown } from './testing/lockdown-ground.ts'
import { type MadeOwner, makeOwner, makeOwnSession } from './testing/make-owner.ts'
import { enrolOwner, makeStaff } from './testing/make-staff.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { readAccountState } from './testing/read-account-state.ts'
import { send } from './testing/send.ts'
import { statusAndCode } from './testing/status-and-code.ts'

const store = useDatabase()
const reason = 'Ticket 4711: asked by phone'
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

const patch = (by: MadeOwner, owner: MadeOwner, body: object) =>
  send(gateway, 'PATCH', adminAccountPath(owner), { token: by.token, body: { reason, ...body } })

describe('an account that staff disable', () => {
  it('is refused from the answer on, with every session and key, and its owner is told', async () => {
    const owner = await makeOwner(store.database)
    const { body: key } = await send(gateway, 'POST', '/v1/account/api-keys', {
      token: owner.token,
      body: { name: 'n', scopes: ['account:read'] },
    })
    const { epoch } = (await readAccountState(store.database, owner)) ?? {}
    const changed = await patch(support, owner, { state: 'disabled' })
    expect(changed).toMatchObject({ status: 200, body: { id: formatId('account', owner.id), state: 'disabled' } })
    for (const token of [owner.token, key.key])
      expect((await send(gateway, 'GET', '/v1/account', { token })).status).toBe(401)
    expect(await readAccountState(store.database, owner)).toMatchObject({ state: 'disabled', epoch: epoch + 1 })
    expect(await listNoticeKinds(store.database, owner)).toContain('account_disabled')
    expect((await listAudited(store.database, owner.id)).at(-1)).toMatchObject({
      action: 'account_disabled',
      actor: 'support',
      details: { reason, sessions: 1 },
    })
  })

  it('stays shut to what was issued before once it is enabled again', async () => {
    const owner = await makeOwner(store.database)
    await patch(admin, owner, { state: 'disabled' })
    expect((await patch(admin, owner, { state: 'active' })).body.state).toBe('active')
    expect((await send(gateway, 'GET', '/v1/account/session', { token: owner.token })).status).toBe(401)
    const fresh = await makeOwnSession(store.database, owner.id)
    expect((await send(gateway, 'GET', '/v1/account/session', { token: fresh.token })).status).toBe(200)
    const actions = (await listAudited(store.database, owner.id)).map(({ action }) => action)
    expect(actions).toEqual(['account_disabled', 'account_enabled'])
  })

  it('is left alone where it is so already', async () => {
    const owner = await makeOwner(store.database)
    await patch(admin, owner, { state: 'disabled' })
    const before = await readAccountState(store.database, owner)
    expect((await patch(admin, owner, { state: 'disabled' })).status).toBe(200)
    expect(await readAccountState(store.database, owner)).toEqual(before)
    expect(await listNoticeKinds(store.database, owner)).toEqual(['account_disabled'])
  })

  it('under a lockdown comes back into it: nobody of the staff opens what only its owner recovers', async () => {
    const owner = await makeOwner(store.database)
    const lockdown = await send(gateway, 'POST', `${adminAccountPath(owner)}/lockdowns`, {
      token: admin.token,
      body: { reason },
    })
    await runLockdown(store.database, lockdown.body.id)
    expect(statusAndCode(await patch(admin, owner, { state: 'active' }))).toBe('409 account_is_locked')
    expect((await patch(admin, owner, { state: 'disabled' })).body.state).toBe('disabled')
    expect((await patch(admin, owner, { state: 'active' })).body.state).toBe('locked')
  })
})

describe('a role', () => {
  it('is given by an admin to an account with a second factor; its owner is told, and has it at the next request', async () => {
    const owner = await enrolOwner(store.database, await makeOwner(store.database))
    expect((await send(gateway, 'GET', '/v1/admin/accounts', { token: owner.token })).status).toBe(403)
    expect((await patch(admin, owner, { role: 'support' })).body.role).toBe('support')
    expect((await send(gateway, 'GET', '/v1/admin/accounts', { token: owner.token })).status).toBe(200)
    expect((await patch(admin, owner, { role: 'member' })).body.role).toBe('member')
    expect((await send(gateway, 'GET', '/v1/admin/accounts', { token: owner.token })).status).toBe(403)
    await expectAudited(store.database, owner.id, ['account_role_changed', 'account_role_changed'])
    expect((await listAudited(store.database, owner.id))[0]).toMatchObject({
      actor: 'admin',
      details: { from: 'member', to: 'support', reason },
    })
    expect(await listNoticeKinds(store.database, owner)).toEqual(['role_changed', 'role_changed'])
  })

  it('needs a second factor, and changes nothing without', async () => {
    const owner = await makeOwner(store.database)
    expect(statusAndCode(await patch(admin, owner, { role: 'admin', state: 'disabled' }))).toBe(
      '409 two_factor_not_begun',
    )
    expect(await readAccountState(store.database, owner)).toMatchObject({ role: 'member', state: 'active' })
    await expectAudited(store.database, owner.id, [])
  })

  it('is not for support to give, nor to take, nor are admins for support to touch', async () => {
    const owner = await enrolOwner(store.database, await makeOwner(store.database))
    expect(statusAndCode(await patch(support, owner, { role: 'support' }))).toBe('403 not_allowed')
    expect(statusAndCode(await patch(support, admin, { state: 'disabled' }))).toBe('403 not_allowed')
    for (const [method, path] of [
      ['DELETE', 'sessions'],
      ['POST', 'password-resets'],
      ['POST', 'lockdowns'],
    ] as const)
      expect(
        statusAndCode(
          await send(gateway, method, `${adminAccountPath(admin)}/${path}`, { token: support.token, body: { reason } }),
        ),
      ).toBe('403 not_allowed')
    expect(await readAccountState(store.database, admin)).toMatchObject({ role: 'admin', state: 'active' })
    expect((await send(gateway, 'GET', '/v1/account/session', { token: admin.token })).status).toBe(200)
  })

  it('is nobody’s own to change, so that an admin is always left', async () => {
    for (const body of [{ role: 'member' }, { state: 'disabled' }])
      expect(statusAndCode(await patch(admin, admin, body))).toBe('409 own_account')
    expect(await readAccountState(store.database, admin)).toMatchObject({ role: 'admin', state: 'active' })
  })

  it.each([{ role: 'member' }, { state: 'disabled' }])(
    'of two admins who take %j from each other, one is left',
    async (body) => {
      for (let round = 0; round < 10; round += 1) {
        const [one, other] = [await makeStaff(store.database, 'admin'), await makeStaff(store.database, 'admin')]
        const answers = await Promise.all([patch(one, other, body), patch(other, one, body)])
        expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1)
        const left = [await readAccountState(store.database, one), await readAccountState(store.database, other)]
        expect(left.filter((row) => row?.['role'] === 'admin' && row['state'] === 'active')).toHaveLength(1)
      }
    },
  )

  it.each([
    [{ role: 'owner', reason }, '/role'],
    [{ state: 'locked', reason }, '/state'],
    [{ state: 'disabled' }, '/reason'],
    [{ state: 'disabled', reason: 'because' }, '/reason'],
    [{ state: 'disabled', reason: `          x${' '.repeat(9)}` }, '/reason'],
    [{ reason }, ''],
    [{ state: 'disabled', reason, email: 'a@b.example' }, '/email'],
  ])('with %j is refused and names the field', async (body, pointer) => {
    const owner = await makeOwner(store.database)
    const answer = await send(gateway, 'PATCH', adminAccountPath(owner), { token: admin.token, body })
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer])
    expect(await readAccountState(store.database, owner)).toMatchObject({ role: 'member', state: 'active' })
  })
})
