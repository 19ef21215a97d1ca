import type { Database } from '@portcullis/db/connect'
import { type LivingSession, revokeSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import type { Id } from '@portcullis/contracts/ids'
import { type Fact, recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { endSessions } from './end.ts'

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
    const { accountId } = by
    const { revoked, facts } = await endSessions(tx, {
      accountId,
      ...(keepCurrent && { kept: by.id }),
      because: 'owner',
      by: { actor: 'account', actorId: accountId, requestId: caller.requestId },
      details: { by: by.id },
    })
    await recordFacts(tx, keepCurrent ? [otherSessionsFact(by, revoked, caller), ...facts] : facts)
    return revoked
  })
}

/** That others were to end is a fact though none was alive: an undone bulk revocation must not bring them back. */
function otherSessionsFact({ id, accountId }: LivingSession, revoked: number, caller: Caller): Fact {
  return {
    action: 'other_sessions_revoked',
    accountId,
    actor: 'account',
    actorId: accountId,
    subject: { kind: 'session', id },
    requestId: caller.requestId,
    details: { revoked, kept: id },
  }
}
