import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { type ApiKeyRow, updateApiKeyName } from '@portcullis/db/queries/api-key'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { ownerFact } from './fact.ts'

/** Gives a living key of the owner another name; `undefined` for one that is not there, not theirs, or dead. */
export async function renameApiKey(
  database: Database,
  session: LivingSession,
  id: Id<'apiKey'>,
  name: string,
  caller: Caller,
): Promise<ApiKeyRow | undefined> {
  return inTransaction(database, async (tx) => {
    if (!(await lockSessionAccount(tx, session))) return undefined
    const key = await updateApiKeyName(tx, session.accountId, id, name)
    if (key) await recordFacts(tx, [ownerFact('api_key_renamed', session, id, caller, {})])
    return key
  })
}
