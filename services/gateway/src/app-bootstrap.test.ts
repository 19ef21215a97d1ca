import { issueBootstrapToken } from '@portcullis/domain/admin/issue-bootstrap-token'
import { useDatabase } from '@portcullis/testkit/database'
import { expectAudited, listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listNoticeKinds } from './testing/list-notice-kinds.ts'
import { type MadeOwner, makeOwner } from './testing/make-owner.ts'
import { enrolOwner, makeStaff } from './testing/make-staff.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { readAccountState } from './testing/read-account-state.ts'
import { send } from './testing/send.ts'
import { statusAndCode } from './testing/status-and-code.ts'

const store = useDatabase()
let gateway: OpenGateway

beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())
beforeEach(async () => {
  await store.database.sql`update accounts set role = 'member' where role <> 'member'`
  await store.database.sql`delete from bootstrap_tokens`
  await makeStaff(store.database, 'admin')
})

describe('the first admin', () => {
  const use = (by: MadeOwner, token: string) =>
    send(gateway, 'POST', '/v1/admin/bootstrap', { token: by.token, body: { token } })
  const nobodyIsAdmin = () => store.database.sql`update accounts set role = 'member' where role = 'admin'`
  const issue = async (email: string, force = false) => {
    const issued = await issueBootstrapToken(store.database, { email, force })
    if (issued.kind !== 'issued') throw new Error(issued.kind)
    return issued.token
  }

  it('is made by a token of the command line for that very address, once', async () => {
    await nobodyIsAdmin()
    const [owner, stranger] = [
      await enrolOwner(store.database, await makeOwner(store.database)),
      await enrolOwner(store.database, await makeOwner(store.database)),
    ]
    const token = await issue(owner.email)
    expect(statusAndCode(await use(stranger, token))).toBe('422 token_invalid')
    expect((await use(owner, token)).status).toBe(204)
    expect(await readAccountState(store.database, owner)).toMatchObject({ role: 'admin' })
    expect(statusAndCode(await use(owner, token))).toBe('422 token_invalid')
    await expectAudited(store.database, owner.id, ['admin_bootstrapped'])
    expect(await listNoticeKinds(store.database, owner)).toEqual(['role_changed'])
    const rows = await store.database.sql`select * from bootstrap_tokens`
    expect(JSON.stringify(rows) + JSON.stringify(await listAudited(store.database))).not.toContain(token)
  })

  it('needs a second factor, a fresh proof, and a token that is not over', async () => {
    await nobodyIsAdmin()
    const owner = await makeOwner(store.database)
    const token = await issue(owner.email)
    expect(statusAndCode(await use(owner, token))).toBe('403 second_factor_required')
    await enrolOwner(store.database, owner)
    await store.database
      .sql`update sessions set proved_at = now() - interval '601 seconds' where id = ${owner.sessionId}`
    expect(statusAndCode(await use(owner, token))).toBe('403 reauthentication_required')
    await store.database.sql`update sessions set proved_at = now() where id = ${owner.sessionId}`
    await store.database.sql`update bootstrap_tokens set expires_at = now() - interval '1 second'`
    expect(statusAndCode(await use(owner, token))).toBe('422 token_invalid')
    expect(await readAccountState(store.database, owner)).toMatchObject({ role: 'member' })
  })

  it('is one, however many use the token at once', async () => {
    await nobodyIsAdmin()
    const owner = await enrolOwner(store.database, await makeOwner(store.database))
    const token = await issue(owner.email)
    const answers = await Promise.all(Array.from({ length: 10 }, () => use(owner, token)))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    await expectAudited(store.database, owner.id, ['admin_bootstrapped'])
  })

  it('is one, however many tokens are asked for: a later one voids the earlier', async () => {
    await nobodyIsAdmin()
    const owners = await Promise.all(
      Array.from({ length: 5 }, async () => enrolOwner(store.database, await makeOwner(store.database))),
    )
    const tokens = await Promise.all(owners.map(({ email }) => issue(email)))
    const answers = await Promise.all(owners.map((owner, place) => use(owner, tokens[place] ?? '')))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
  })

  it('is not made beside another, unless forced; that is recorded', async () => {
    const owner = await enrolOwner(store.database, await makeOwner(store.database))
    expect(await issueBootstrapToken(store.database, { email: owner.email })).toEqual({ kind: 'admin_exists' })
    expect((await issueBootstrapToken(store.database, { email: 'nobody' })).kind).toBe('email_refused')
    const token = await issue(owner.email, true)
    const issued = (await listAudited(store.database)).filter(({ action }) => action === 'admin_bootstrap_issued')
    expect(issued.at(-1)).toMatchObject({ actor: 'system', details: { forced: true } })
    expect((await use(owner, token)).status).toBe(204)
  })
})
