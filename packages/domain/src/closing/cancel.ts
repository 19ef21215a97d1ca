import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { endPendingClosing, findClosingByKeepHash } from '@portcullis/db/queries/account-closing'
import { lockAccountState } from '@portcullis/db/queries/lockdown'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { type Fact, recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { hashMailedToken } from '../token/mailed-token.ts'
import { closingFact } from './fact.ts'

/** Keeps the owner's account: the closing that is pending ends. `false` where none is. */
export async function cancelOwnClosing(
  database: Database,
  { accountId, id: by }: Pick<LivingSession, 'accountId' | 'id'>,
  caller: Caller,
): Promise<boolean> {
  const who = { actor: 'account', actorId: accountId, requestId: caller.requestId } as const
  return cancel(database, accountId, who, { because: 'owner', by })
}

/** Keeps an account with the token of the mail about its closing. `false` for a wrong, used, late or cut token, all alike. */
export async function cancelClosingByToken(database: Database, token: string, caller: Caller): Promise<boolean> {
  const hash = hashMailedToken(token)
  const closing = await withStore(database, (queries) => findClosingByKeepHash(queries, hash))
  if (!closing) return false
  const who = { actor: 'anonymous', requestId: caller.requestId } as const
  return cancel(database, closing.accountId, who, { because: 'link' })
}

async function cancel(
  database: Database,
  accountId: Id<'account'>,
  by: Pick<Fact, 'actor' | 'actorId' | 'requestId'>,
  details: Record<string, unknown>,
): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    // The account first: when it is due just now, either it is closed or it is kept.
    if ((await lockAccountState(tx, accountId)) === undefined) return false
    const id = await endPendingClosing(tx, accountId, 'kept')
    if (id === undefined) return false
    await recordFacts(tx, [closingFact('account_closing_cancelled', { id, accountId }, by, details)])
    return true
  })
}
