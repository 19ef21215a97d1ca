import type { Database } from '@portcullis/db/connect'
import { voidEmailChange } from '@portcullis/db/queries/email-change'
import { findChangeByConfirmHash, updateChangeConfirmed } from '@portcullis/db/queries/email-change-token'
import { lockAccountState } from '@portcullis/db/queries/lockdown'
import { voidChallenges } from '@portcullis/db/queries/login-challenge'
import { voidResets } from '@portcullis/db/queries/password-reset'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { endSessions } from '../session/end.ts'
import { hashMailedToken } from '../token/mailed-token.ts'
import { changeFact } from './change-fact.ts'
import { revertDays } from './change-rule.ts'

/**
 * Puts another address in force with the token from its mailbox: `true` for exactly one caller. Every session ends, as whoever
 * brings a token has none that could be kept (ASVS 5 7.4.3); reset links are void; both addresses are told, the old one with
 * the link that takes it back. `false` for a wrong, used, expired or cut token, and where a newer request, a lockdown or
 * another account of that address was first.
 */
export async function confirmEmailChange(database: Database, token: string, caller: Caller): Promise<boolean> {
  const hash = hashMailedToken(token)
  const change = await withStore(database, (queries) => findChangeByConfirmHash(queries, hash))
  if (!change) return false
  const { id, accountId } = change
  const by = { actor: 'anonymous', requestId: caller.requestId } as const
  return inTransaction(database, async (tx) => {
    // The account first, as everywhere: a lockdown, a reversion and a newer request wait here, or are waited for.
    if ((await lockAccountState(tx, accountId)) !== 'active') return false
    if (!(await updateChangeConfirmed(tx, id, revertDays))) {
      const voided = await voidEmailChange(tx, accountId, id)
      if (voided) await recordFacts(tx, [changeFact('email_change_void', change, by, { because: 'overtaken' })])
      return false
    }
    const ended = await endSessions(tx, { accountId, because: 'email_changed', by })
    const tokensVoided = await voidResets(tx, accountId)
    await voidChallenges(tx, accountId)
    await recordFacts(tx, [
      changeFact('email_changed', change, by, { sessionsRevoked: ended.revoked, tokensVoided }),
      ...ended.facts,
    ])
    for (const to of ['old', 'new']) {
      await notifyOwner(tx, { accountId, kind: 'email_changed', caller, details: { to, emailChangeId: id } })
    }
    tx.wakeAfterCommit()
    return true
  })
}
