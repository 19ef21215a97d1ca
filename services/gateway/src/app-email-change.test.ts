import { asId, type Id } from '@portcullis/contracts/ids'
import { inTransaction } from '@portcullis/db/transaction'
import { prepareEmailChange } from '@portcullis/domain/email/prepare-change'
import { makeRevertTokens } from '@portcullis/domain/notice/revert-token'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hyphenated } from './testing/hyphenated.ts'
import { makeOwner, makeOwnSession, ownerPassword } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send } from './testing/send.ts'

const store = useDatabase()
const keys = { tokenKey: new Uint8Array(32).fill(3) }
let gateway: OpenGateway
let made = 0

beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())
beforeEach(() => store.database.sql`delete from throttles`)

const path = '/v1/account/email-changes'

describe('a change of address', () => {
  it('goes its way: asked for, listed, confirmed, taken back', async () => {
    const owner = await makeOwner(store.database)
    const email = newEmail()
    const asked = await ask(owner.token, email)
    expect(asked).toMatchObject({ status: 202, body: { id: expect.stringMatching(/^emc_/), state: 'requested' } })
    expect(asked.headers.get('location')).toBe(path)
    expect((await list(owner.token)).body).toMatchObject({
      items: [{ id: asked.body.id, state: 'requested', email, confirmedAt: null, revertUntil: null, endedAt: null }],
      nextCursor: null,
    })
    expect(await confirm(await confirmToken(asked))).toMatchObject({ status: 204, body: undefined })
    expect((await list(owner.token)).status).toBe(401)
    expect((await logIn(owner.email)).status).toBe(401)
    const again = await logIn(email)
    expect(again.status).toBe(201)
    const [item] = (await list(again.body.token)).body.items
    expect(item).toMatchObject({ state: 'confirmed', confirmedAt: expect.any(String) })
    expect(Date.parse(item.revertUntil) - Date.parse(item.confirmedAt)).toBe(7 * 24 * 3600 * 1000)
    expect(await revert(await revertToken(asked))).toMatchObject({ status: 204, body: undefined })
    expect((await list(again.body.token)).status).toBe(401)
    expect((await logIn(email)).status).toBe(401)
    const [account] = await store.database.sql`select email, state from accounts where id = ${owner.id}`
    expect(account).toEqual({ email: owner.email, state: 'locked' })
  })

  it('is answered the same whether or not the address has an account', async () => {
    const taken = await makeAccount(store.database)
    const answers: Called[] = []
    for (const email of [taken.email, newEmail()]) {
      const owner = await makeOwner(store.database)
      const asked = await ask(owner.token, email)
      if (email === taken.email) await prepare(asked)
      const listed = await list(owner.token)
      answers.push(asked)
      expect(asked.status).toBe(202)
      expect(Object.keys(asked.body)).toEqual(['id', 'state', 'expiresAt'])
      expect(listed.body.items).toMatchObject([{ state: 'requested', email }])
    }
    const names = answers.map(({ headers }) => [...headers.keys()])
    expect(names[0]).toEqual(names[1])
  })

  it('needs a session that was proved lately', async () => {
    const owner = await makeOwner(store.database)
    expect((await send(gateway, 'POST', path, { body: { email: newEmail() } })).status).toBe(401)
    await store.database
      .sql`update sessions set proved_at = now() - interval '11 minutes' where id = ${owner.sessionId}`
    expect(await ask(owner.token, newEmail())).toMatchObject({
      status: 403,
      body: { code: 'reauthentication_required' },
    })
  })

  it('is asked for once with one Idempotency-Key, and with another address the key is refused', async () => {
    const owner = await makeOwner(store.database)
    const email = newEmail()
    const headers = { 'idempotency-key': 'change-1' }
    const tries = await Promise.all(Array.from({ length: 10 }, () => ask(owner.token, email, headers)))
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([202]))
    expect(new Set(tries.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(await ask(owner.token, newEmail(), headers)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    })
    expect((await list(owner.token)).body.items).toHaveLength(1)
  })

  it('takes the place of one that is open, and can be taken back', async () => {
    const owner = await makeOwner(store.database)
    const first = await ask(owner.token, newEmail())
    const firstToken = await confirmToken(first)
    const second = await ask(owner.token, newEmail())
    const secondToken = await confirmToken(second)
    expect((await list(owner.token)).body.items.map((one: { state: string }) => one.state)).toEqual([
      'requested',
      'void',
    ])
    expect(await confirm(firstToken)).toMatchObject({ status: 422, body: { code: 'token_invalid' } })
    const other = await makeOwner(store.database)
    expect((await send(gateway, 'DELETE', `${path}/${second.body.id}`, { token: other.token })).status).toBe(404)
    const withdraw = () => send(gateway, 'DELETE', `${path}/${second.body.id}`, { token: owner.token })
    expect([(await withdraw()).status, (await withdraw()).status]).toEqual([204, 404])
    expect((await confirm(secondToken)).status).toBe(422)
  })

  it('waits while the last one can be taken back', async () => {
    const owner = await makeOwner(store.database)
    expect((await confirm(await confirmToken(await ask(owner.token, newEmail())))).status).toBe(204)
    const { token } = await makeOwnSession(store.database, owner.id)
    expect(await ask(token, newEmail())).toMatchObject({ status: 409, body: { code: 'cooling_down' } })
    expect((await list(token)).body.items).toHaveLength(1)
  })

  it('is refused after five within an hour, with when to come back', async () => {
    const owner = await makeOwner(store.database)
    const statuses = []
    for (let count = 0; count < 6; count += 1) statuses.push((await ask(owner.token, newEmail())).status)
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429])
  })

  it.each([
    ['a@b.co%0d%0aBcc:x@y', 'email_needs_one_at'],
    ['v@x.co,w@y.co', 'email_needs_one_at'],
    ['v@x.co w@y.co', 'email_needs_one_at'],
    ['"a b"@b.co', 'email_forbidden_character'],
    ['ada@192.0.2.1', 'email_domain_is_ip'],
    ['a\u200bda@example.com', 'invalid'],
    ['a\r\nBcc: x@y.co@example.com', 'invalid'],
  ])('to %j is refused with its rule, and changes nothing', async (email, code) => {
    const owner = await makeOwner(store.database)
    const { status, body } = await ask(owner.token, email)
    expect([status, body.code, body.errors]).toMatchObject([422, 'validation_failed', [{ pointer: '/email', code }]])
    expect((await list(owner.token)).body.items).toEqual([])
  })

  it.each([
    [{ email: ['a@example.com', 'b@example.com'] }],
    [{ email: 'a@example.com', accountId: 'x' }],
    [{ email: 'a@example.com', state: 'confirmed' }],
    [{}],
  ])('with the body %j is refused, and changes nothing', async (body) => {
    const owner = await makeOwner(store.database)
    expect((await send(gateway, 'POST', path, { token: owner.token, body })).status).toBe(422)
    expect((await list(owner.token)).body.items).toEqual([])
  })

  it('to another spelling of an address that is taken is taken too', async () => {
    const taken = await makeAccount(store.database, { email: newEmail() })
    const owner = await makeOwner(store.database)
    const asked = await ask(owner.token, taken.email.replace('s', '\uff33'))
    expect(await prepare(asked)).toMatchObject({ kind: 'taken', email: taken.email })
  })

  it('answers every token that does not work alike', async () => {
    const owner = await makeOwner(store.database)
    const asked = await ask(owner.token, newEmail())
    const token = await confirmToken(asked)
    await confirm(token)
    const back = await revertToken(asked)
    await revert(back)
    const answers = []
    for (const dead of [token, token.slice(1), 'made up', 'x'.repeat(512)]) answers.push(await confirm(dead))
    for (const dead of [back, back.slice(1), token, 'made up']) answers.push(await revert(dead))
    const bodies = answers.map(({ body }) => JSON.stringify({ ...body, requestId: '', instance: '' }))
    expect(new Set(bodies).size).toBe(1)
    expect(answers.every(({ status, body }) => status === 422 && body.code === 'token_invalid')).toBe(true)
  })

  it('leaves no address and no token in a job, an audit event or the log', async () => {
    const owner = await makeOwner(store.database)
    const email = `canary-${newEmail()}`
    const asked = await ask(owner.token, email)
    const token = await confirmToken(asked)
    await confirm(token)
    const back = await revertToken(asked)
    await revert(back)
    const rows = [
      ...(await store.database.sql`select payload, last_error_code from jobs`),
      ...(await store.database.sql`select details from audit_events`),
      ...(await store.database.sql`select details from notices`),
    ]
    const dump = JSON.stringify([rows, gateway.logged])
    for (const secret of ['canary-', owner.email, token, back]) expect(dump).not.toContain(secret)
  })
})

function newEmail(): string {
  made += 1
  return `someone-${made}@example.com`
}

function ask(token: string, email: string, headers: Record<string, string> = {}): Promise<Called> {
  return send(gateway, 'POST', path, { token, body: { email }, headers })
}

function list(token: string): Promise<Called> {
  return send(gateway, 'GET', path, { token })
}

function confirm(token: string): Promise<Called> {
  return send(gateway, 'POST', '/v1/email-changes/confirmations', { body: { token } })
}

function revert(token: string): Promise<Called> {
  return send(gateway, 'POST', '/v1/email-changes/reversions', { body: { token } })
}

function logIn(email: string): Promise<Called> {
  return send(gateway, 'POST', '/v1/sessions', { body: { email, password: ownerPassword } })
}

function idOf(asked: Called): Id<'emailChange'> {
  return asId('emailChange', hyphenated(String(asked.body.id).slice(4)))
}

function prepare(asked: Called) {
  return inTransaction(store.database, (tx) => prepareEmailChange(tx, idOf(asked), keys))
}

async function confirmToken(asked: Called): Promise<string> {
  const prepared = await prepare(asked)
  if (prepared.kind !== 'confirm') throw new Error('a link was expected')
  return prepared.token
}

async function revertToken(asked: Called): Promise<string> {
  const id = idOf(asked)
  const token = (await inTransaction(store.database, (tx) => makeRevertTokens(tx, [id], keys))).get(id)
  if (token === undefined) throw new Error('a link was expected')
  return token
}
