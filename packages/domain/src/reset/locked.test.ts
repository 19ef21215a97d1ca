import type { Id } from '@portcullis/contracts/ids'
import { findLoginAccount, lockUnchangedAccount } from '@portcullis/db/queries/login'
import { inTransaction } from '@portcullis/db/transaction'
import { systemClock } from '@portcullis/runtime/clock'
import { randomBytesOf } from '@portcullis/runtime/random'
import { createSealer } from '@portcullis/runtime/seal'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, type MadeAccount, makeCaller } from '@portcullis/testkit/factory'
import { expect, it } from 'vitest'
import { openLockdown } from '../lockdown/open.ts'
import { createPasswordHasher } from '../password/hash.ts'
import { hashMailedToken } from '../token/mailed-token.ts'
import { completePasswordReset } from './complete.ts'
import { prepareResets } from './prepare.ts'
import { requestPasswordResets } from './request.ts'

const store = useDatabase()
const hasher = createPasswordHasher({ memoryKib: 8, passes: 1, atOnceMost: 4, queueMost: 200 })
const sealer = createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(9) }] })
const settings = { tokenKey: new Uint8Array(32).fill(7), validMinutes: 30, limitPerHour: 5 }

async function ask(emailKey: string): Promise<Id<'passwordReset'>> {
  await requestPasswordResets(store.database, [{ emailKey, caller: makeCaller() }])
  const [row] = await store.database.sql<{ id: Id<'passwordReset'> }[]>`
    select id from password_resets order by id desc limit 1`
  return row!.id
}

async function lock(account: MadeAccount): Promise<void> {
  const { id: accountId } = account
  const request = { accountId, trigger: 'admin', reason: null, compromisedSince: null, actor: 'admin' } as const
  await inTransaction(store.database, (tx) => openLockdown(tx, { ...request, caller: makeCaller() }))
}

const prepare = (ids: readonly Id<'passwordReset'>[]) =>
  inTransaction(store.database, (tx) => prepareResets(tx, ids, settings))

async function mailsOf(account: MadeAccount): Promise<number> {
  const rows = await store.database.sql`
    select notice.id from notices as notice join jobs on payload->>'noticeId' = notice.id::text
    where notice.account_id = ${account.id} and notice.kind = 'account_locked' and notice.lockdown_id is not null`
  return rows.length
}

it('a request for a locked account makes no token, and mails the way back in again', async () => {
  const account = await makeAccount(store.database)
  await lock(account)
  const id = await ask(account.emailKey)
  expect((await prepare([id])).get(id)).toEqual({ kind: 'none', why: 'locked' })
  const [row] = await store.database.sql`select state, token_hash, email_key, ip from password_resets where id = ${id}`
  expect(row).toEqual({ state: 'void', token_hash: null, email_key: null, ip: null })
  expect(await mailsOf(account)).toBe(2)
})

it('however many ask, the mailbox of a locked account gets five such mails an hour', async () => {
  const account = await makeAccount(store.database)
  await lock(account)
  for (let round = 0; round < 8; round += 1) await prepare([await ask(account.emailKey)])
  expect(await mailsOf(account)).toBe(5)
})

it('a repeat of the same request, after a crash, mails nothing more', async () => {
  const account = await makeAccount(store.database)
  await lock(account)
  const id = await ask(account.emailKey)
  for (let round = 0; round < 3; round += 1) await prepare([id])
  expect(await mailsOf(account)).toBe(2)
})

it('an account whose address an intruder has changed is found by the address from before, locked or not', async () => {
  const account = await makeAccount(store.database)
  const before = `old-${account.emailKey}`
  await store.database.sql`
    insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, state, confirm_salt,
      revert_salt, epoch, expires_at, confirmed_at, revert_until)
    values (uuidv7(), ${account.id}, ${before}, ${before}, ${account.email}, ${account.emailKey}, 'confirmed',
      ${randomBytesOf(16)}, ${randomBytesOf(16)}, 1, now(), now(), now() + interval '7 days')`
  const early = await ask(before)
  expect((await prepare([early])).get(early)).toMatchObject({ kind: 'mail', mail: { email: before } })
  await lock(account)
  const id = await ask(before)
  expect((await prepare([id])).get(id)).toEqual({ kind: 'none', why: 'locked' })
  expect(await mailsOf(account)).toBe(2)
})

it('a token that was mailed before the lockdown sets no password, though it was found good before it', async () => {
  const account = await makeAccount(store.database)
  const id = await ask(account.emailKey)
  const made = (await prepare([id])).get(id)
  if (made?.kind !== 'mail') throw new Error('a mail was expected')
  const completion = completePasswordReset(
    {
      database: store.database,
      // As late as can be between the look at the token and the transaction: while the password is vetted.
      vet: async () => {
        await lock(account)
        return []
      },
      hasher,
      sealer,
      clock: systemClock,
    },
    { token: made.mail.token, password: 'Correct-Horse-7-Battery' },
    makeCaller(),
  )
  expect(await completion).toEqual({ ok: false, why: 'token_invalid' })
  const [row] = await store.database.sql`
    select password_hash, (select state from password_resets where token_hash = ${hashMailedToken(made.mail.token)}) as token
    from accounts where id = ${account.id}`
  expect(row).toEqual({ password_hash: null, token: 'ready' })
})

it('a login that proved the right password before the lockdown issues nothing after it', async () => {
  const account = await makeAccount(store.database, { passwordHash: 'a hash' })
  const proved = await findLoginAccount(store.database, account.emailKey)
  await lock(account)
  expect(await inTransaction(store.database, (tx) => lockUnchangedAccount(tx, proved!))).toBe(false)
})
