import { asId, type Id } from '@portcullis/contracts/ids'
import { inTransaction } from '@portcullis/db/transaction'
import { systemClock } from '@portcullis/runtime/clock'
import { createSealer } from '@portcullis/runtime/seal'
import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { type MadeAccount, makeAccount, makeCaller, makeSession } from '@portcullis/testkit/factory'
import { describe, expect, it } from 'vitest'
import { createBreachCheck } from '../password/breach.ts'
import { createPasswordHasher } from '../password/hash.ts'
import { createPasswordVetter } from '../password/vet.ts'
import { completePasswordReset } from './complete.ts'
import { prepareResets } from './prepare.ts'
import { requestPasswordResets } from './request.ts'

const store = useDatabase()
// The least that argon2 allows: these tests are about what happens around the hash.
const hasher = createPasswordHasher({ memoryKib: 8, passes: 1, atOnceMost: 4, queueMost: 200 })
const vet = createPasswordVetter({
  profile: 'classic',
  contextWords: ['portcullis'],
  breach: createBreachCheck({ baseUrl: undefined, timeoutMs: 100 }),
})
const sealer = createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(9) }] })
const settings = { tokenKey: new Uint8Array(32).fill(7), validMinutes: 30, limitPerHour: 100 }
const password = 'Correct-Horse-7-Battery'

describe('a completed reset', () => {
  it('sets the password, ends every session and other token, and tells the owner', async () => {
    const account = await makeAccount(store.database)
    const others = [await makeSession(store.database, account.id), await makeSession(store.database, account.id)]
    const token = await mailedToken(account)
    const caller = makeCaller()
    expect(await complete(token, password, caller)).toEqual({ ok: true })

    const row = await readAccount(account.id)
    expect(await hasher.verify(password, String(row.password_hash))).toBe(true)
    const sessions = await store.database.sql`
      select revoked_because from sessions where id = any(${others}::uuid[]) and revoked_at is not null`
    expect([...sessions]).toEqual([{ revoked_because: 'password_reset' }, { revoked_because: 'password_reset' }])
    const events = await listAudited(store.database, account.id)
    expect(events).toMatchObject([
      {
        action: 'authn_password_change',
        actor: 'account',
        requestId: caller.requestId,
        details: { sessionsRevoked: 2 },
      },
      { action: 'sessions_revoked', details: { revoked: 2, because: 'password_reset' } },
    ])
    const notices = await store.database.sql`
      select kind, host(ip) as ip from notices join jobs on jobs.payload ->> 'noticeId' = notices.id::text
      where account_id = ${account.id} and hearer = 'notifier'`
    expect([...notices]).toEqual([{ kind: 'password_changed', ip: caller.ip }])
  })

  it('leaves the sessions of others alone', async () => {
    const [account, other] = [await makeAccount(store.database), await makeAccount(store.database)]
    const session = await makeSession(store.database, other.id)
    await complete(await mailedToken(account))
    const [row] = await store.database.sql`select revoked_at from sessions where id = ${session}`
    expect(row).toEqual({ revoked_at: null })
  })
})

describe('a token', () => {
  it('opens once, however many try at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const account = await makeAccount(store.database)
      const token = await mailedToken(account)
      const results = await Promise.all(Array.from({ length: 50 }, () => complete(token)))
      expect(results.filter((result) => result.ok)).toHaveLength(1)
      expect((await readAccount(account.id)).password_hash).not.toBeNull()
    }
  }, 60_000)

  it('is the same nothing when used, expired, cut, made up or overtaken', async () => {
    const account = await makeAccount(store.database)
    const used = await mailedToken(account)
    await complete(used)
    const overtaken = await mailedToken(account)
    const expired = await mailedToken(account)
    const [row] = await store.database.sql<{ id: string }[]>`
      select id from password_resets where account_id = ${account.id} and state = 'ready'`
    await age(store.database, 'password_resets', String(row?.id), 30 * 60 + 1)
    const before = await readAccount(account.id)
    for (const token of [used, overtaken, expired, used.slice(0, -1), `${used}A`, 'A'.repeat(43), '']) {
      expect(await complete(token)).toEqual({ ok: false, why: 'token_invalid' })
    }
    expect(await readAccount(account.id)).toEqual(before)
  })

  it('opens a second before its 30 minutes are over', async () => {
    const account = await makeAccount(store.database)
    const token = await mailedToken(account)
    const [row] = await store.database.sql<
      { id: string }[]
    >`select id from password_resets where account_id = ${account.id}`
    await age(store.database, 'password_resets', String(row?.id), 30 * 60 - 5)
    expect(await complete(token)).toEqual({ ok: true })
  })

  it('of a disabled account opens nothing', async () => {
    const account = await makeAccount(store.database)
    const token = await mailedToken(account)
    await store.database.sql`update accounts set state = 'disabled' where id = ${account.id}`
    expect(await complete(token)).toEqual({ ok: false, why: 'token_invalid' })
  })
})

it('a weak password is refused with every reason at once, and leaves the token as it was', async () => {
  const account = await makeAccount(store.database, { name: 'Zuboffsky' })
  const token = await mailedToken(account)
  const refused = await complete(token, 'zqwvk')
  expect(refused).toMatchObject({
    ok: false,
    why: 'password_refused',
    faults: [
      { pointer: '/password', code: 'password_too_short' },
      { code: 'password_needs_upper' },
      { code: 'password_needs_digit' },
      { code: 'password_needs_special' },
    ],
  })
  expect(await complete(token, 'Zuboffsky-81-x!')).toMatchObject({ faults: [{ code: 'password_personal' }] })
  expect(await complete(token)).toEqual({ ok: true })
})

async function mailedToken(account: MadeAccount): Promise<string> {
  const caller = makeCaller()
  await requestPasswordResets(store.database, [{ emailKey: account.emailKey, caller }])
  const [row] = await store.database.sql<{ subject_id: string }[]>`
    select subject_id from audit_events where request_id = ${caller.requestId}`
  const id: Id<'passwordReset'> = asId('passwordReset', String(row?.subject_id))
  const made = (await inTransaction(store.database, (tx) => prepareResets(tx, [id], settings))).get(id)
  if (made?.kind !== 'mail') throw new Error('a mail was expected')
  return made.mail.token
}

function complete(token: string, chosen = password, caller = makeCaller()) {
  return completePasswordReset(
    { database: store.database, hasher, vet, sealer, clock: systemClock },
    { token, password: chosen },
    caller,
  )
}

async function readAccount(id: string) {
  const [row] = await store.database.sql<{ password_hash: string | null; security_epoch: number }[]>`
    select password_hash, security_epoch from accounts where id = ${id}`
  if (!row) throw new Error('no such account')
  return row
}
