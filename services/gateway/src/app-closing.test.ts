import type { Id } from '@portcullis/contracts/ids'
import { findLatestClosing } from '@portcullis/db/queries/account-closing'
import { inTransaction } from '@portcullis/db/transaction'
import { makeKeepTokens } from '@portcullis/domain/closing/keep-token'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeOwner, makeOwnSession } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())
beforeEach(() => store.database.sql`truncate audit_events, notices, throttles`)

const close = (token: string) => send(gateway, 'DELETE', '/v1/account', { token })
const read = (token: string) => send(gateway, 'GET', '/v1/account/closing', { token })
const cancel = (token: string) => send(gateway, 'POST', '/v1/account/closing/cancellation', { token })
const keep = (token: string) => send(gateway, 'POST', '/v1/account-closings/cancellations', { body: { token } })

/** The token of the mail, as the notifier would make it. */
async function keepToken(accountId: Id<'account'>): Promise<string> {
  const closing = await findLatestClosing(store.database, accountId)
  if (!closing) throw new Error('no closing')
  const keys = { tokenKey: new Uint8Array(32).fill(3) }
  const tokens = await inTransaction(store.database, (tx) => makeKeepTokens(tx, [closing.id], keys))
  return tokens.get(closing.id) ?? 'none'
}

const actionsOf = async () => (await listAudited(store.database)).map((event) => event.action)

async function noticesOf(accountId: Id<'account'>) {
  return [
    ...(await store.database.sql<{ kind: string; details: Record<string, string> }[]>`
      select kind, details from notices where account_id = ${accountId}`),
  ]
}

describe('the closing of an account', () => {
  it('takes nothing from the account until it is due, tells the owner once, and is the same when asked again', async () => {
    const owner = await makeOwner(store.database)
    expect((await read(owner.token)).body).toMatchObject({ code: 'not_found' })
    const asked = await close(owner.token)
    expect(asked).toMatchObject({ status: 202, body: { state: 'pending', endedAt: null } })
    expect(asked.headers.get('location')).toBe('/v1/account/closing')
    expect(Date.parse(asked.body.dueAt) - Date.parse(asked.body.requestedAt)).toBe(14 * 24 * 3600 * 1000)
    expect((await close(owner.token)).body).toEqual(asked.body)
    expect((await read(owner.token)).body).toEqual(asked.body)
    expect((await send(gateway, 'GET', '/v1/account', { token: owner.token })).body).toMatchObject({ state: 'active' })
    expect(await noticesOf(owner.id)).toMatchObject([{ kind: 'account_closing', details: { dueAt: asked.body.dueAt } }])
    expect(await actionsOf()).toEqual(['account_closing_requested'])
  })

  it('of many wishes at once is one', async () => {
    const owner = await makeOwner(store.database)
    const answers = await Promise.all(Array.from({ length: 8 }, () => close(owner.token)))
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.dueAt}`)).size).toBe(1)
    expect(await noticesOf(owner.id)).toHaveLength(1)
  })

  it('is called off by its owner; then it can be asked for anew', async () => {
    const owner = await makeOwner(store.database)
    expect((await cancel(owner.token)).status).toBe(404)
    await close(owner.token)
    expect((await cancel(owner.token)).status).toBe(204)
    expect((await read(owner.token)).body).toMatchObject({ state: 'kept', endedAt: expect.any(String) })
    expect((await cancel(owner.token)).status).toBe(404)
    expect((await close(owner.token)).body).toMatchObject({ state: 'pending' })
    expect(await actionsOf()).toEqual([
      'account_closing_requested',
      'account_closing_cancelled',
      'account_closing_requested',
    ])
  })

  it('is called off by the mailed link, once, without a session', async () => {
    const owner = await makeOwner(store.database)
    await close(owner.token)
    const token = await keepToken(owner.id)
    expect((await keep(`${token}x`)).body).toMatchObject({ code: 'token_invalid' })
    expect((await read(owner.token)).body).toMatchObject({ state: 'pending' })
    expect((await keep(token)).status).toBe(204)
    expect((await read(owner.token)).body).toMatchObject({ state: 'kept' })
    expect((await keep(token)).body).toMatchObject({ code: 'token_invalid' })
    const [, cancelled] = await listAudited(store.database)
    expect(cancelled).toMatchObject({
      action: 'account_closing_cancelled',
      actor: 'anonymous',
      details: { because: 'link' },
    })
  })

  it('is held by a lockdown in the same moment, and does not come back with the recovery', async () => {
    const owner = await makeOwner(store.database)
    await close(owner.token)
    const locked = await send(gateway, 'POST', '/v1/account/lockdowns', { token: owner.token, body: {} })
    expect(locked.status).toBe(202)
    expect(await findLatestClosing(store.database, owner.id)).toMatchObject({ state: 'held' })
    const { sql } = store.database
    await sql`update lockdowns set state = 'recovered'`
    await sql`update accounts set state = 'active' where id = ${owner.id}`
    const { token } = await makeOwnSession(store.database, owner.id)
    expect((await read(token)).body).toMatchObject({ state: 'held', endedAt: expect.any(String) })
    expect((await keep(await keepToken(owner.id))).status).toBe(422)
    expect((await close(token)).body).toMatchObject({ state: 'pending' })
  })

  it('needs a proof that is fresh, and a session', async () => {
    const owner = await makeOwner(store.database)
    await store.database
      .sql`update sessions set proved_at = now() - interval '11 minutes' where id = ${owner.sessionId}`
    expect((await close(owner.token)).body).toMatchObject({ code: 'reauthentication_required' })
    expect((await close('pcs_nobody')).status).toBe(401)
    expect(await findLatestClosing(store.database, owner.id)).toBeUndefined()
  })

  it('is refused while the address can be taken back, and to staff', async () => {
    const [changed, admin] = [await makeOwner(store.database), await makeOwner(store.database)]
    const { sql } = store.database
    await sql`
      insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, state, confirm_salt,
        revert_salt, epoch, expires_at, revert_until)
      values (uuidv7(), ${changed.id}, 'a@b.example', 'a@b.example', 'c@b.example', 'c@b.example', 'confirmed', '\\x00', '\\x00', 1,
        now(), now() + interval '1 day')`
    await sql`update accounts set role = 'admin' where id = ${admin.id}`
    expect((await close(changed.token)).body).toMatchObject({ code: 'cooling_down' })
    expect((await close(admin.token)).body).toMatchObject({ code: 'staff_account' })
    expect(await actionsOf()).toEqual([])
  })

  it('of another account is neither seen nor called off', async () => {
    const [owner, stranger] = [await makeOwner(store.database), await makeOwner(store.database)]
    await close(owner.token)
    expect((await read(stranger.token)).status).toBe(404)
    expect((await cancel(stranger.token)).status).toBe(404)
    expect((await read(owner.token)).body).toMatchObject({ state: 'pending' })
  })
})
