import type { Database } from '@portcullis/db/connect'
import { type LivingSession, revokeSession, revokeSessions } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import type { Id } from '@portcullis/contracts/ids'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'

/** Logs out: ends the session that asks. */
export async function logout(database: Database, session: LivingSession, caller: Caller): Promise<void> {
  await revokeOwnSession(database, session, session.id, caller, 'logout')
}

/** Ends one session of the owner; `false` for one that is not there, not theirs, or over already. */
export async function revokeOwnSession(
  database: Database,
  by: LivingSession,
  id: Id<'session'>,
  caller: Caller,
  because: 'logout' | 'owner' = 'owner',
): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    if (!(await revokeSession(tx, by.accountId, id, because))) return false
    await recordFacts(tx, [
      {
        action: 'session_revoked',
        accountId: by.accountId,
        actor: 'account',
        actorId: by.accountId,
        subject: { kind: 'session', id },
        requestId: caller.requestId,
        details: { because, by: by.id },
      },
    ])
    return true
  })
}

/** Ends every session of the owner, but for the one that asks if `keepCurrent`; returns how many. */
export async function revokeOwnSessions(
  database: Database,
  by: LivingSession,
  keepCurrent: boolean,
  caller: Caller,
): Promise<number> {
  return inTransaction(database, async (tx) => {
    const revoked = await revokeSessions(tx, by.accountId, 'owner', keepCurrent ? by.id : null)
    await recordFacts(tx, [
      {
        action: 'sessions_revoked',
        accountId: by.accountId,
        actor: 'account',
        actorId: by.accountId,
        subject: { kind: 'account', id: by.accountId },
        requestId: caller.requestId,
        details: { revoked, keptCurrent: keepCurrent, by: by.id },
      },
    ])
    return revoked
  })
}
