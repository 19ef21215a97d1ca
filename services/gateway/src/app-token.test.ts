import { asId } from '@portcullis/contracts/ids'
import { inTransaction } from '@portcullis/db/transaction'
import { prepareRegistration } from '@portcullis/domain/registration/prepare'
import { prepareResets } from '@portcullis/domain/reset/prepare'
import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { type MadeAccount, makeAccount, makeSession } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeKnownDevices, makeOwner, ownerPassword } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { readRefusal } from './testing/read-refusal.ts'
import { countRows } from './testing/store-count.ts'

const store = useDatabase()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())

const tokenKey = new Uint8Array(32).fill(9)
const completions = '/v1/password-resets/completions'
const verifications = '/v1/email-verifications'
const password = 'plum-Kettle-47-orbit'

/** Asks for a reset and does what its worker would do: gives the mailed token and the id of the request. */
async function askReset(account: MadeAccount): Promise<{ token: string; id: string }> {
  expect((await gateway.post('/v1/password-resets', { email: account.email })).status).toBe(202)
  const [row] = await store.database.sql<{ id: string }[]>`
    select id from password_resets where email_key = ${account.emailKey} order by requested_at desc limit 1`
  const id = asId('passwordReset', row?.id ?? '')
  const prepared = await inTransaction(store.database, (tx) =>
    prepareResets(tx, [id], { tokenKey, validMinutes: 30, limitPerHour: 100 }),
  )
  const found = prepared.get(id)
  if (found?.kind !== 'mail') throw new Error(`no mail: ${found?.why}`)
  return { token: found.mail.token, id }
}

async function askRegistration(email: string): Promise<{ token: string; id: string }> {
  expect((await gateway.post('/v1/accounts', { email, password, name: 'Ada' })).status).toBe(202)
  const [row] = await store.database.sql<{ id: string }[]>`
    select id from registrations where email_key = ${email} order by requested_at desc limit 1`
  const id = asId('registration', row?.id ?? '')
  const prepared = await inTransaction(store.database, (tx) =>
    prepareRegistration(tx, id, { tokenKey, limitPerHour: 100 }),
  )
  if (prepared.kind !== 'confirm') throw new Error(`no mail: ${prepared.kind}`)
  return { token: prepared.token, id }
}

/** All that a refused token must leave alone. */
async function state(): Promise<unknown> {
  const accounts = await store.database.sql`select id, password_hash, security_epoch, state from accounts order by id`
  const sessions = await store.database.sql`select * from sessions order by id`
  const resets = await store.database.sql`select id, state, token_hash from password_resets order by id`
  const registrations = await store.database.sql`select id, state, token_hash from registrations order by id`
  return { counts: await countRows(store.database), accounts, sessions, resets, registrations }
}

/** Refused by the one neutral answer, and nothing changed. Gives the answer without what names the request. */
async function refused(path: string, body: unknown): Promise<string> {
  const before = await state()
  const answer = await gateway.post(path, body)
  const { requestId: _requestId, ...problem } = await readRefusal(answer)
  expect(await state()).toEqual(before)
  return JSON.stringify(problem)
}

const neutral = JSON.stringify({
  type: '/docs/problems#token_invalid',
  code: 'token_invalid',
  title: 'This link is not valid, or no longer. Ask for a new one.',
  status: 422,
  detail: 'This link is not valid, or no longer. Ask for a new one.',
})

describe('a reset token that is no good is answered alike, whatever is wrong with it, and changes nothing', () => {
  const complete = (token: string) => refused(completions, { token, password })

  it.each([
    ['made up', (token: string) => token.split('').reverse().join('')],
    ['cut', (token: string) => token.slice(0, -1)],
    ['longer', (token: string) => `${token}A`],
    ['in another case', (token: string) => token.toUpperCase()],
    ['with a space', (token: string) => ` ${token}`],
    ['with a line feed', (token: string) => `${token}\n`],
    ['with NUL', (token: string) => `${token}\u0000`],
    ['percent-encoded', (token: string) => `%${token}`],
    ['SQL', () => "' or '1'='1"],
    ['one character', () => 'x'],
    ['half a character', () => '\ud800'],
  ])('%s', async (_what, spoil) => {
    const { token } = await askReset(await makeAccount(store.database))
    expect(await complete(spoil(token))).toBe(neutral)
  })

  it('used', async () => {
    const account = await makeAccount(store.database)
    const { token } = await askReset(account)
    expect((await gateway.post(completions, { token, password })).status).toBe(204)
    expect(await complete(token)).toBe(neutral)
  })

  it('expired: good at 29 minutes, not at 31', async () => {
    const early = await askReset(await makeAccount(store.database))
    await age(store.database, 'password_resets', early.id, 29 * 60)
    const late = await askReset(await makeAccount(store.database))
    await age(store.database, 'password_resets', late.id, 31 * 60)
    expect(await complete(late.token)).toBe(neutral)
    expect((await gateway.post(completions, { token: early.token, password })).status).toBe(204)
  })

  it('overtaken by a newer one', async () => {
    const account = await makeAccount(store.database)
    const older = await askReset(account)
    const newer = await askReset(account)
    expect(await complete(older.token)).toBe(neutral)
    expect((await gateway.post(completions, { token: newer.token, password })).status).toBe(204)
  })

  it('overtaken by a change of the password', async () => {
    const owner = await makeOwner(store.database)
    const { token } = await askReset(owner)
    const headers = { authorization: `Bearer ${owner.token}` }
    const change = { currentPassword: ownerPassword, newPassword: 'walnut-Kettle-47-orbit' }
    expect((await gateway.post('/v1/account/password', change, headers)).status).toBe(204)
    expect(await complete(token)).toBe(neutral)
  })

  it('of an account that was locked meanwhile', async () => {
    const account = await makeAccount(store.database)
    const { token } = await askReset(account)
    await store.database.sql`update accounts set state = 'disabled' where id = ${account.id}`
    expect(await complete(token)).toBe(neutral)
  })

  it('of another purpose, in both directions', async () => {
    const reset = await askReset(await makeAccount(store.database))
    const registration = await askRegistration('other-purpose@example.com')
    expect(await complete(registration.token)).toBe(neutral)
    expect(await refused(verifications, { token: reset.token })).toBe(neutral)
  })

  it('before the password is looked at', async () => {
    expect(await refused(completions, { token: 'x'.repeat(43), password: 'a' })).toBe(neutral)
  })
})

describe('a good reset token', () => {
  it('survives a refused password, and then works once', async () => {
    const account = await makeAccount(store.database)
    const { token } = await askReset(account)
    const before = await state()
    const weak = await readRefusal(await gateway.post(completions, { token, password: 'password' }))
    expect(weak).toMatchObject({ code: 'password_refused' })
    expect(weak.errors?.map(({ code }) => code)).toEqual(
      ['needs_upper', 'needs_digit', 'needs_special', 'common'].map((code) => `password_${code}`),
    )
    expect(await state()).toEqual(before)
    expect((await gateway.post(completions, { token, password })).status).toBe(204)
  })

  it('lets the owner in again whom a hundred wrong passwords had shut out, on a browser that was known, too', async () => {
    const owner = await makeOwner(store.database)
    const [cookie = ''] = await makeKnownDevices(store.database, owner.id, 1)
    const logIn = (given: string, headers: Record<string, string>) =>
      gateway.post('/v1/sessions', { email: owner.email, password: given }, headers)
    for (const headers of [{}, { cookie }]) await logIn('Wrong-Horse-7-Battery', headers)
    await store.database.sql`update throttles set attempts = 100 where window_ends_at is null`
    for (const headers of [{}, { cookie }]) expect((await logIn(ownerPassword, headers)).status).toBe(429)
    const { token } = await askReset(owner)
    expect((await gateway.post(completions, { token, password })).status).toBe(204)
    for (const headers of [{}, { cookie }]) expect((await logIn(password, headers)).status).toBe(201)
  })

  it('ends every session and never logs in', async () => {
    const account = await makeAccount(store.database)
    await makeSession(store.database, account.id)
    const { token } = await askReset(account)
    const answer = await gateway.post(completions, { token, password })
    expect([answer.status, await answer.text(), answer.headers.get('set-cookie')]).toEqual([204, '', null])
    const active = await store.database
      .sql`select id from sessions where account_id = ${account.id} and revoked_at is null`
    expect(active).toHaveLength(0)
  })
})

it('a good reset token opens its own account and no other', async () => {
  const [account, other] = [await makeAccount(store.database), await makeAccount(store.database)]
  await askReset(other)
  const { token } = await askReset(account)
  expect((await gateway.post(completions, { token, password })).status).toBe(204)
  const set = await store.database.sql<{ id: string }[]>`
    select id from accounts where id in (${account.id}, ${other.id}) and password_hash is not null`
  expect(set.map(({ id }) => id)).toEqual([account.id])
  expect(await refused(completions, { token, password, email: other.email })).toContain('unknown_field')
})

describe('a verification token', () => {
  it.each([
    ['cut', (token: string) => token.slice(1)],
    ['made up', (token: string) => token.split('').reverse().join('')],
  ])('%s is answered neutrally and changes nothing', async (what, spoil) => {
    const { token } = await askRegistration(`${what.replace(' ', '-')}@example.com`)
    expect(await refused(verifications, { token: spoil(token) })).toBe(neutral)
  })

  it('works once, and for exactly one of fifty at once: twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const email = `once-${round}@example.com`
      const { token } = await askRegistration(email)
      const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.post(verifications, { token })))
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
      expect(await refused(verifications, { token })).toBe(neutral)
      const accounts = await store.database.sql`select id from accounts where email = ${email}`
      expect(accounts).toHaveLength(1)
    }
  }, 60_000)

  it('does not work after its day', async () => {
    const { token, id } = await askRegistration('late@example.com')
    await age(store.database, 'registrations', id, 24 * 3600 + 60)
    expect(await refused(verifications, { token })).toBe(neutral)
  })
})

it('no token is found in the log', async () => {
  const { token } = await askReset(await makeAccount(store.database))
  await gateway.post(`${completions}?token=${token}`, { token, password })
  await fetch(`${gateway.url}/reset-password?token=${token}`)
  expect(gateway.logged.join('')).not.toContain(token)
})
