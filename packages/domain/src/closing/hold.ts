import type { Id } from '@portcullis/contracts/ids'
import { endPendingClosing } from '@portcullis/db/queries/account-closing'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import { closingFact } from './fact.ts'

/** Why a closing is stopped for good: it may be the work of an intruder, who would have the traces erased. */
export type HoldReason = 'locked' | 'disabled' | 'role'

/**
 * Stops the closing of an account that is pending, if any, in the caller's transaction, which has locked the account. Whoever
 * still wants it asks anew.
 */
export async function holdClosing(tx: Tx, accountId: Id<'account'>, because: HoldReason): Promise<void> {
  const id = await endPendingClosing(tx, accountId, 'held')
  if (id === undefined) return
  await recordFacts(tx, [closingFact('account_closing_held', { id, accountId }, { actor: 'system' }, { because })])
}
