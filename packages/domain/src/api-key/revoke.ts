import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { lockAccount } from '@portcullis/db/queries/account'
import { revokeApiKey } from '@portcullis/db/queries/api-key'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { ownerFact } from './fact.ts'

/**
 * Revokes a key of the owner: it opens nothing from the answer on, and its slot is free. `false` for one that is not
 * there, not theirs, or revoked already.
 */
export async function revokeOwnApiKey(
  database: Database,
  session: LivingSession,
  id: Id<'apiKey'>,
  caller: Caller,
): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    // Only for the order of locks: a key of an account that is closed meanwhile is revoked all the same.
    await lockAccount(tx, session.accountId)
    if (!(await revokeApiKey(tx, session.accountId, id, 'owner'))) return false
    await recordFacts(tx, [ownerFact('api_key_revoked', session, id, caller, { because: 'owner' })])
    return true
  })
}
