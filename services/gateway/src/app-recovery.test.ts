import { formatId } from '@portcullis/contracts/ids'
import { loginCounter } from '@portcullis/domain/session/login-counter'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { sha256 } from '@portcullis/runtime/digest'
import { newId, newUuid } from '@portcullis/runtime/id'
import { createFakeClock } from '@portcullis/testkit/clock'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listNoticeKinds } from './testing/list-notice-kinds.ts'
import { lockdownId, recoveryTokenOf, runLockdown } from './testing/lockdown-ground.ts'
import { makeOwner, ownerPassword } from './testing/make-owner.ts'
import { nextCode } from './testing/next-code.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'
import { newSshKeyLine } from './testing/ssh-key-line.ts'

const store = useDatabase()
const clock = createFakeClock()
const newPassword = 'Quiet-Otter-42-lantern'
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database, { clock })
})
afterAll(() => gateway.close())
beforeEach(() => store.database.sql`delete from throttles`)

type Owner = Awaited<ReturnType<typeof makeOwner>>
const sql = (...of: Parameters<typeof store.database.sql>) => store.database.sql(...of)

const call = (method: string, path: string, token?: string, body?: unknown) =>
  send(gateway, method, path, { ...(token !== undefined && { token }), body })
const recover = (id: string, body: unknown) => call('POST', `/v1/account/lockdowns/${id}/recovery`, undefined, body)
const stateOf = async (id: string) => (await sql`select state from accounts where id = ${id}`)[0]?.['state']
const logIn = (owner: Owner, password = newPassword) =>
  call('POST', '/v1/sessions', undefined, { email: owner.email, password })

/** Enrols a factor, 30 days ago, so that it is not the intruder's; gives its secret. */
async function enrol(owner: Owner): Promise<{ secret: string; backupCodes: string[] }> {
  const { secret } = (await call('POST', '/v1/account/two-factor', owner.token)).body
  const { backupCodes } = (await call('PUT', '/v1/account/two-factor', owner.token, { code: nextCode(clock, secret) }))
    .body
  await sql`update totp_factors set confirmed_at = now() - interval '30 days' where account_id = ${owner.id}`
  return { secret, backupCodes }
}

async function lock(owner: Owner): Promise<{ id: string; token: string }> {
  const { body } = await call('POST', '/v1/account/lockdowns', owner.token, {})
  await runLockdown(store.database, body.id)
  return { id: body.id, token: await recoveryTokenOf(store.database, body.id) }
}

async function begin(id: string, token: string): Promise<string> {
  return (await recover(id, { step: 'begin', token })).body.grant
}

/** Goes as far as the review, without a second factor. */
async function toReview(owner: Owner) {
  const { id, token } = await lock(owner)
  const grant = await begin(id, token)
  await recover(id, { step: 'password', grant, password: newPassword })
  const { body } = await recover(id, { step: 'second_factor', grant, skip: true })
  return { id, grant, items: body.items as { id: string; kind: string; suspect: boolean; subject: string }[] }
}

describe('the way back', () => {
  it('leads an owner without a second factor through every step; the account opens only at the last', async () => {
    const owner = await makeOwner(store.database)
    const { id, token } = await lock(owner)
    const begun = await recover(id, { step: 'begin', token })
    expect(begun.body).toEqual({ stage: 'password', grant: expect.stringMatching(/^pcg_/), secondFactor: 'optional' })
    const { grant } = begun.body
    const set = await recover(id, { step: 'password', grant, password: newPassword })
    expect(set.body).toMatchObject({ stage: 'second_factor', qrSvg: expect.stringContaining('<svg') })
    expect((await logIn(owner)).status).toBe(401)
    const enrolled = await recover(id, { step: 'second_factor', grant, code: nextCode(clock, set.body.secret) })
    expect(enrolled.body).toMatchObject({ stage: 'review', backupCodes: { length: 10 } })
    expect((await logIn(owner)).status).toBe(401)
    const done = await recover(id, { step: 'review', grant, decisions: [] })
    expect(done.body).toEqual({ stage: 'done', state: 'recovered' })
    expect((await logIn(owner)).body).toMatchObject({ mfaRequired: true })
    const audited = await listAudited(store.database, lockdownId(id))
    expect(audited.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['account_recovery_begun', 'authn_password_change', 'account_recovered']),
    )
    expect(await listNoticeKinds(store.database, owner)).toContain('account_recovered')
  })

  it('takes mailbox and kept factor together: neither alone goes on, a backup code serves once, new ones replace all', async () => {
    const owner = await makeOwner(store.database)
    const { backupCodes } = await enrol(owner)
    const { id, token } = await lock(owner)
    const begun = await recover(id, { step: 'begin', token })
    expect(begun.body.secondFactor).toBe('code')
    const step = { step: 'password', grant: begun.body.grant, password: newPassword }
    for (const more of [{}, { code: '000000' }])
      expect((await recover(id, { ...step, ...more })).body).toMatchObject({ code: 'code_refused' })
    expect(await stateOf(owner.id)).toBe('locked')
    const set = await recover(id, { ...step, code: backupCodes[4] })
    expect(set.body).toMatchObject({ stage: 'review', backupCodes: { length: 10 } })
    expect((await recover(id, { step: 'review', grant: step.grant, decisions: [] })).body.stage).toBe('done')
    const { challenge } = (await logIn(owner)).body
    const finish = (code: string) => call('POST', '/v1/sessions/two-factor', undefined, { challenge, code })
    expect((await finish(backupCodes[5] ?? '')).status).toBe(401)
    expect((await finish(set.body.backupCodes[5])).status).toBe(201)
  })

  it('lets the owner in whom a hundred wrong passwords had shut out', async () => {
    const owner = await makeOwner(store.database)
    const { grant, id } = await toReview(owner)
    await sql`
      insert into throttles (key_hash, attempts, blocked_until)
      values (${sha256(loginCounter(owner.email))}, 100, 'infinity')`
    expect((await recover(id, { step: 'review', grant, decisions: [] })).body.stage).toBe('done')
    expect((await logIn(owner)).status).toBe(429)
    const again = await makeOwner(store.database)
    await sql`
      insert into throttles (key_hash, attempts, blocked_until)
      values (${sha256(loginCounter(again.email))}, 100, 'infinity')`
    const way = await toReview(again)
    expect((await recover(way.id, { step: 'review', grant: way.grant, decisions: [] })).body.stage).toBe('done')
    expect((await logIn(again)).status).toBe(201)
  })

  it('refuses the password of before, and those before it, whoever changed them', async () => {
    const owner = await makeOwner(store.database)
    const intruders = 'Taken-Over-5-Lighthouse'
    const change = { currentPassword: ownerPassword, newPassword: intruders }
    expect((await call('POST', '/v1/account/password', owner.token, change)).status).toBe(204)
    const { id, token } = await lock(owner)
    const grant = await begin(id, token)
    // The owner remembers the first, which the intruder must have known to change it.
    for (const password of [ownerPassword, intruders]) {
      const refused = await recover(id, { step: 'password', grant, password })
      expect(refused.body).toMatchObject({
        code: 'password_refused',
        errors: [{ pointer: '/password', code: 'former_password' }],
      })
    }
    const weak = await recover(id, { step: 'password', grant, password: 'short' })
    expect(weak.body.code).toBe('password_refused')
    expect((await recover(id, { step: 'password', grant, password: newPassword })).status).toBe(200)
  })

  it('shows a change of the password for review, and not the one that the account began with', async () => {
    const [owner, changed] = [await makeOwner(store.database), await makeOwner(store.database)]
    const change = { currentPassword: ownerPassword, newPassword: 'Taken-Over-5-Lighthouse' }
    await call('POST', '/v1/account/password', changed.token, change)
    const kindsOf = async (of: Owner) => (await toReview(of)).items.map(({ kind }) => kind)
    expect(await kindsOf(owner)).not.toContain('password')
    expect(await kindsOf(changed)).toContain('password')
  })

  it('demands a factor of staff, and of whoever had one that the intruder may have enrolled', async () => {
    const staff = await makeOwner(store.database)
    await sql`update accounts set role = 'support' where id = ${staff.id}`
    const robbed = await makeOwner(store.database)
    const { secret } = (await call('POST', '/v1/account/two-factor', robbed.token)).body
    await call('PUT', '/v1/account/two-factor', robbed.token, { code: nextCode(clock, secret) })
    for (const owner of [staff, robbed]) {
      const { id, token } = await lock(owner)
      const begun = await recover(id, { step: 'begin', token })
      expect(begun.body.secondFactor).toBe('enrol')
      const { grant } = begun.body
      await recover(id, { step: 'password', grant, password: newPassword })
      const skipped = await recover(id, { step: 'second_factor', grant, skip: true })
      expect(skipped.body).toMatchObject({ code: 'two_factor_mandatory' })
      const renewed = await recover(id, { step: 'second_factor', grant })
      const enrolled = await recover(id, { step: 'second_factor', grant, code: nextCode(clock, renewed.body.secret) })
      expect(enrolled.body.stage).toBe('review')
    }
  })

  it('cannot begin before every credential is proven dead', async () => {
    const owner = await makeOwner(store.database)
    const { body } = await call('POST', '/v1/account/lockdowns', owner.token, {})
    const token = await recoveryTokenOf(store.database, body.id)
    expect((await recover(body.id, { step: 'begin', token })).body).toMatchObject({ code: 'out_of_order' })
    await runLockdown(store.database, body.id)
    expect((await recover(body.id, { step: 'begin', token })).status).toBe(200)
  })

  it('refuses steps out of order, and tells with the grant which is due', async () => {
    const owner = await makeOwner(store.database)
    const { id, token } = await lock(owner)
    const grant = await begin(id, token)
    for (const body of [
      { step: 'second_factor', skip: true },
      { step: 'review', decisions: [] },
    ])
      expect((await recover(id, { ...body, grant })).body).toMatchObject({ code: 'out_of_order' })
    await recover(id, { step: 'password', grant, password: newPassword })
    expect((await recover(id, { step: 'begin', grant })).body).toEqual({
      stage: 'second_factor',
      secondFactor: 'optional',
    })
    expect((await recover(id, { step: 'password', grant, password: newPassword })).body.code).toBe('out_of_order')
  })

  it('uses the mailed token up with the password; a further mail carries another, and begins at the password', async () => {
    const owner = await makeOwner(store.database)
    const { id, token } = await lock(owner)
    const grant = await begin(id, token)
    await recover(id, { step: 'password', grant, password: newPassword })
    expect((await recover(id, { step: 'begin', token })).body).toMatchObject({ code: 'token_invalid' })
    const fresh = await recoveryTokenOf(store.database, id)
    expect(fresh).not.toBe(token)
    expect((await recover(id, { step: 'begin', token: fresh })).body.stage).toBe('password')
    // And the grant of before is dead.
    expect((await recover(id, { step: 'begin', grant })).body).toMatchObject({ code: 'token_invalid' })
  })

  it('a wrong token, another lockdown’s, a grant that is over and an unknown id are answered alike', async () => {
    const [one, other] = [await lock(await makeOwner(store.database)), await lock(await makeOwner(store.database))]
    const grant = await begin(one.id, one.token)
    await sql`update lockdowns set grant_expires_at = now() where id = ${lockdownId(one.id)}`
    const answers = [
      await recover(one.id, { step: 'begin', token: 'x'.repeat(43) }),
      await recover(one.id, { step: 'begin', token: other.token }),
      await recover(one.id, { step: 'password', grant, password: newPassword }),
      await recover(formatId('lockdown', newId('lockdown')), { step: 'begin', token: one.token }),
    ]
    expect(new Set(answers.map(({ body }) => JSON.stringify({ ...body, requestId: '' }))).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 422, body: { code: 'token_invalid' } })
  })

  it('of twenty who send the same step at once one goes on', async () => {
    const owner = await makeOwner(store.database)
    const { id, token } = await lock(owner)
    const grant = await begin(id, token)
    const many = (body: unknown) => Promise.all(Array.from({ length: 20 }, () => recover(id, body)))
    const set = await many({ step: 'password', grant, password: newPassword })
    expect(set.filter(({ status }) => status === 200)).toHaveLength(1)
    await recover(id, { step: 'second_factor', grant, skip: true })
    await sql`delete from throttles`
    const done = await many({ step: 'review', grant, decisions: [] })
    expect(done.filter(({ status }) => status === 200)).toHaveLength(1)
    const recovered = (await listAudited(store.database, lockdownId(id))).filter(
      (one) => one.action === 'account_recovered',
    )
    expect(recovered).toHaveLength(1)
  })

  it('keeps no grant, token, password or code in clear', async () => {
    const owner = await makeOwner(store.database)
    const { id, grant } = await toReview(owner)
    const rows = [
      ...(await sql`select * from lockdowns where id = ${lockdownId(id)}`),
      ...(await sql`select * from audit_events where account_id = ${owner.id}`),
      ...(await sql`select payload from jobs`),
    ]
    const dump = JSON.stringify(rows) + gateway.logged.join('')
    expect(dump).not.toContain(grant.slice(4))
    expect(dump).not.toContain(newPassword)
  })
})

describe('the review', () => {
  const sshKey = async (owner: Owner) => {
    const body = { name: 'Laptop', publicKey: newSshKeyLine() }
    const { body: made } = await call('POST', '/v1/account/ssh-keys', owner.token, body)
    return made
  }

  it('lets a kept SSH key live again, deployed, and leaves all others revoked', async () => {
    const owner = await makeOwner(store.database)
    const [kept] = [await sshKey(owner), await sshKey(owner)]
    const client = await createApiClient(store.database, { name: 'Shop', scopes: ['rentals:write'] })
    const rental = `srv-${newUuid()}`
    const body = { accountId: formatId('account', owner.id), host: 'srv.example.com' }
    const { rentalToken } = (await call('PUT', `/v1/rentals/${rental}`, client.secret, body)).body
    await call('GET', `/v1/rentals/${rental}/authorized-keys?user=root`, rentalToken)
    const { id, grant, items } = await toReview(owner)
    const staff = await makeOwner(store.database)
    await sql`update accounts set role = 'support' where id = ${staff.id}`
    await sql`update sessions set second_factor = true where id = ${staff.sessionId}`
    const open = await call('GET', `/v1/admin/lockdowns/${id}/report`, staff.token)
    expect(open.body.unconfirmedHosts).toMatchObject([{ rentalId: rental, host: 'srv.example.com' }])
    const item = items.find((one) => one.kind === 'ssh_key' && kept.id.endsWith(one.subject.replaceAll('-', '')))
    const decisions = [{ id: item?.id, decision: 'keep' }]
    expect((await recover(id, { step: 'review', grant, decisions })).body.stage).toBe('done')
    const session = (await logIn(owner)).body.token
    const listed = (await call('GET', '/v1/account/ssh-keys', session)).body.items
    expect(listed).toMatchObject([{ fingerprint: kept.fingerprint }])
    const served = await call('GET', `/v1/rentals/${rental}/authorized-keys?user=root`, rentalToken)
    expect(String(served.body).trim().split('\n')).toHaveLength(1)
    const report = (await call('GET', `/v1/account/lockdowns/${id}/report`, session)).body
    // The host has fetched its keys since, so that nothing is open.
    expect(report.unconfirmedHosts).toEqual([])
    const decided = report.items.filter((one: { kind: string }) => one.kind === 'ssh_key')
    expect(
      decided.map((one: { decidedBy: string; decision: string }) => `${one.decision} by ${one.decidedBy}`).sort(),
    ).toEqual(['keep by owner', 'undo by rule'])
  })

  it('undoing the kept factor takes it away and demands another before the account opens', async () => {
    const owner = await makeOwner(store.database)
    const { secret } = await enrol(owner)
    const { id, token } = await lock(owner)
    const grant = await begin(id, token)
    const set = await recover(id, { step: 'password', grant, password: newPassword, code: nextCode(clock, secret) })
    const factor = set.body.items.find((one: { kind: string }) => one.kind === 'second_factor')
    const undone = await recover(id, { step: 'review', grant, decisions: [{ id: factor.id, decision: 'undo' }] })
    expect(undone.body).toMatchObject({ stage: 'second_factor', secondFactor: 'enrol' })
    expect(await stateOf(owner.id)).toBe('locked')
    const enrolled = await recover(id, { step: 'second_factor', grant, code: nextCode(clock, undone.body.secret) })
    expect(enrolled.body.stage).toBe('review')
    expect((await recover(id, { step: 'review', grant, decisions: [] })).body.stage).toBe('done')
    const { challenge } = (await logIn(owner)).body
    const finish = (of: string) =>
      call('POST', '/v1/sessions/two-factor', undefined, { challenge, code: nextCode(clock, of) })
    expect((await finish(secret)).status).toBe(401)
    expect((await finish(undone.body.secret)).status).toBe(201)
  })

  it('disputes a transaction, and takes a changed address back while that can be done', async () => {
    const owner = await makeOwner(store.database)
    await sql`
      insert into risk_signals (id, client_id, account_id, kind, level, reason, reference, occurred_at, taken)
      values (${newUuid()}, ${newUuid()}, ${owner.id}, 'transaction', 'high', 'odd_payment', 'pay-77', now(), 'noted')`
    const change = newUuid()
    await sql`
      insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, state, confirm_salt,
        revert_salt, epoch, expires_at, confirmed_at, revert_until)
      values (${change}, ${owner.id}, ${owner.email}, ${owner.emailKey}, ${`thief-${change}@example.com`},
        ${`thief-${change}@example.com`}, 'confirmed', '\\x01', '\\x02', 1, now(), now(), now() + interval '7 days')`
    await sql`update accounts set email = ${`thief-${change}@example.com`}, email_key = ${`thief-${change}@example.com`} where id = ${owner.id}`
    const { id, grant, items } = await toReview(owner)
    expect(items.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['transaction', 'email_change']))
    // Both are suspect: left out, they are undone.
    expect((await recover(id, { step: 'review', grant, decisions: [] })).body.stage).toBe('done')
    const audited = await sql`
      select action, details from audit_events where account_id = ${owner.id} and action in ('transaction_disputed', 'email_change_reverted')
      order by action`
    expect(audited).toMatchObject([
      { action: 'email_change_reverted' },
      { action: 'transaction_disputed', details: { reference: 'pay-77' } },
    ])
    expect((await logIn(owner)).status).toBe(201)
  })

  it('refuses an item that is another lockdown’s or is named twice, and then changes nothing', async () => {
    const [owner, other] = [await makeOwner(store.database), await makeOwner(store.database)]
    const [mine, theirs] = [await toReview(owner), await toReview(other)]
    const foreign = { id: theirs.items[0]?.id, decision: 'keep' }
    const own = { id: mine.items[0]?.id, decision: 'keep' }
    for (const [decisions, code] of [
      [[own, foreign], 'unknown_item'],
      [[own, own], 'duplicate_item'],
    ] as const) {
      const refused = await recover(mine.id, { step: 'review', grant: mine.grant, decisions })
      expect(refused.body).toMatchObject({ errors: [{ pointer: '/decisions/1/id', code }] })
    }
    expect(await stateOf(owner.id)).toBe('locked')
    const decided =
      await sql`select id from lockdown_items where lockdown_id = ${lockdownId(mine.id)} and decision is not null`
    expect(decided).toEqual([])
  })
})
