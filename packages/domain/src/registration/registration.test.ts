import { asId, type Id } from '@portcullis/contracts/ids'
import { inTransaction } from '@portcullis/db/transaction'
import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { expectAudited } from '@portcullis/testkit/expect'
import { makeAccount, makeCaller } from '@portcullis/testkit/factory'
import { describe, expect, it } from 'vitest'
import { createBreachCheck } from '../password/breach.ts'
import { createPasswordHasher } from '../password/hash.ts'
import { createPasswordVetter } from '../password/vet.ts'
import { confirmRegistration } from './confirm.ts'
import { prepareRegistration } from './prepare.ts'
import { requestRegistration, vetRegistration } from './request.ts'

const store = useDatabase()
const hasher = createPasswordHasher({ memoryKib: 8, passes: 1, atOnceMost: 4, queueMost: 200 })
const vet = createPasswordVetter({
  profile: 'classic',
  contextWords: ['portcullis'],
  breach: createBreachCheck({ baseUrl: undefined, timeoutMs: 100 }),
})
const settings = { tokenKey: new Uint8Array(32).fill(7), limitPerHour: 5 }
const password = 'Correct-Horse-7-Battery'
let made = 0

describe('a registration', () => {
  it('makes the account when its address is confirmed, not before', async () => {
    const email = newEmail()
    const id = await register(email)
    expect(await countAccounts(email)).toBe(0)
    const prepared = await prepare(id)
    if (prepared.kind !== 'confirm') throw new Error('a link was expected')
    expect(prepared).toMatchObject({ email, name: 'Ada' })
    expect(await confirmRegistration(store.database, prepared.token, makeCaller())).toBe(true)
    const [account] = await store.database.sql<{ password_hash: string }[]>`
      select email, name, state, role, security_epoch, password_hash from accounts where email_key = ${email}`
    expect(account).toMatchObject({ email, name: 'Ada', state: 'active', role: 'member', security_epoch: 1 })
    expect(await hasher.verify(password, String(account?.password_hash))).toBe(true)
    await expectAudited(store.database, id, [
      'user_registration_requested',
      'user_registration_mail_prepared',
      'user_created',
    ])
  })

  it('confirms once, however many try at the same time, and two of one address make one account', async () => {
    for (let round = 0; round < 20; round += 1) {
      const email = newEmail()
      const tokens = [await confirmToken(await register(email)), await confirmToken(await register(email))]
      const tries = Array.from({ length: 50 }, (_, place) =>
        confirmRegistration(store.database, tokens[place % 2]!, makeCaller()),
      )
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
      expect(await countAccounts(email)).toBe(1)
    }
  }, 60_000)

  it('of an address that has an account tells its owner, at the owner’s own spelling, and makes no token', async () => {
    const account = await makeAccount(store.database, { email: 'Taken@example.com' })
    const id = await register('taken@example.com')
    expect(await prepare(id)).toMatchObject({ kind: 'exists', email: 'Taken@example.com', accountId: account.id })
    const [row] = await store.database.sql`select state, token_hash from registrations where id = ${id}`
    expect(row).toEqual({ state: 'taken', token_hash: null })
  })

  it('cannot be confirmed with a used, expired or made-up token', async () => {
    const expired = await register(newEmail())
    const token = await confirmToken(expired)
    await age(store.database, 'registrations', expired, 24 * 3600 + 1)
    const used = await confirmToken(await register(newEmail()))
    expect(await confirmRegistration(store.database, used, makeCaller())).toBe(true)
    for (const wrong of [token, used, used.slice(1), '']) {
      expect(await confirmRegistration(store.database, wrong, makeCaller())).toBe(false)
    }
  })

  it('mails one address five times an hour at most', async () => {
    const email = newEmail()
    const kinds = []
    for (let count = 0; count < 6; count += 1) kinds.push((await prepare(await register(email))).kind)
    expect(kinds).toEqual(['confirm', 'confirm', 'confirm', 'confirm', 'confirm', 'none'])
  })

  it('is prepared the same again when the worker is', async () => {
    const id = await register(newEmail())
    expect(await prepare(id)).toEqual(await prepare(id))
  })

  it('with a weak password is refused with every reason, before anything is hashed or written', async () => {
    const input = { email: newEmail(), emailKey: 'x', password: 'abc', name: 'Ada' }
    expect(await vetRegistration({ hasher, vet }, input)).toMatchObject({
      faults: [
        { code: 'password_too_short' },
        { code: 'password_needs_upper' },
        { code: 'password_needs_digit' },
        { code: 'password_needs_special' },
        { code: 'password_common' },
      ],
    })
  })
})

function newEmail(): string {
  made += 1
  return `someone-${made}@example.com`
}

async function register(email: string): Promise<Id<'registration'>> {
  const vetted = await vetRegistration({ hasher, vet }, { email, emailKey: email, password, name: 'Ada' })
  if ('faults' in vetted) throw new Error('a good password was refused')
  await inTransaction(store.database, (tx) => requestRegistration(tx, vetted, makeCaller()))
  return asId('registration', vetted.id)
}

function prepare(id: Id<'registration'>) {
  return inTransaction(store.database, (tx) => prepareRegistration(tx, id, settings))
}

async function confirmToken(id: Id<'registration'>): Promise<string> {
  const prepared = await prepare(id)
  if (prepared.kind !== 'confirm') throw new Error('a link was expected')
  return prepared.token
}

async function countAccounts(emailKey: string): Promise<number> {
  const [row] = await store.database.sql<{ count: number }[]>`
    select count(*)::int from accounts where email_key = ${emailKey}`
  return row?.count ?? 0
}
