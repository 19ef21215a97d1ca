import { listLivingSessions, type LivingSession } from '@portcullis/db/queries/session'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { createSealer } from '@portcullis/runtime/seal'
import { authenticatorCode } from '@portcullis/testkit/authenticator'
import { createFakeClock } from '@portcullis/testkit/clock'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, makeCaller, makeSession } from '@portcullis/testkit/factory'
import { expect, test } from 'vitest'
import { newSessionToken } from '../api-key/credential-token.ts'
import { openLockdown } from '../lockdown/open.ts'
import { createPasswordHasher } from '../password/hash.ts'
import { sessionLimits } from '../session/limits.ts'
import { encodeBase32 } from './base32.ts'
import { beginTwoFactor } from './begin.ts'
import { confirmTwoFactor } from './confirm.ts'
import { disableTwoFactor } from './disable.ts'
import { renewBackupCodes } from './renew-backup-codes.ts'
import { sealSecret } from './secret.ts'

const store = useDatabase()
const clock = createFakeClock()
const secret = new Uint8Array(20).fill(7)
const deps = () => ({
  database: store.database,
  hasher: createPasswordHasher({ memoryKib: 64, passes: 1, atOnceMost: 2, queueMost: 100 }),
  sealer: createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(9) }] }),
  clock,
})

/** An owner whose session was found alive, just before somebody locked the account. */
async function lockedMeanwhile(confirmed: boolean | undefined): Promise<LivingSession> {
  const { database } = store
  const account = await makeAccount(database)
  const id = await makeSession(database, account.id)
  const { hash } = newSessionToken()
  await database.sql`update sessions set token_hash = ${hash} where id = ${id}`
  if (confirmed !== undefined) {
    const sealed = sealSecret(deps().sealer, account.id, secret)
    await database.sql`
      insert into totp_factors (account_id, secret_sealed, confirmed_at)
      values (${account.id}, ${sealed}, case when ${confirmed} then now() end)`
  }
  const [session] = await withStore(database, (queries) => listLivingSessions(queries, [hash], sessionLimits))
  if (!session) throw new Error('the session is not alive')
  const request = {
    accountId: account.id,
    trigger: 'link' as const,
    reason: null,
    compromisedSince: null,
    actor: 'anonymous' as const,
    caller: makeCaller(),
  }
  await inTransaction(database, (tx) => openLockdown(tx, request))
  return session
}

const code = () => authenticatorCode(encodeBase32(secret), clock.now())

test.each([
  [
    'begun',
    undefined,
    (session: LivingSession) => beginTwoFactor({ ...deps(), issuer: 'X' }, session, makeCaller(), 'a'),
  ],
  ['confirmed', false, (session: LivingSession) => confirmTwoFactor(deps(), session, code(), makeCaller())],
  ['disabled', true, (session: LivingSession) => disableTwoFactor(deps(), session, code(), makeCaller())],
  ['given new backup codes', true, (session: LivingSession) => renewBackupCodes(deps(), session, makeCaller())],
] as const)(
  'a factor is not %s by a session that a lockdown ended while the call was on its way',
  async (_what, confirmed, act) => {
    const session = await lockedMeanwhile(confirmed)
    const read = () => store.database.sql`
    select (select confirmed_at from totp_factors where account_id = ${session.accountId}) as confirmed,
      (select count(*)::int from totp_factors where account_id = ${session.accountId}) as factors,
      (select count(*)::int from backup_codes where account_id = ${session.accountId}) as codes`
    const before = await read()
    await expect(act(session)).rejects.toThrow(expect.objectContaining({ code: 'credential_required' }))
    expect(await read()).toEqual(before)
  },
)
