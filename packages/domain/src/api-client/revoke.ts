import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { revokeApiClient as updateApiClientRevoked } from '@portcullis/db/queries/api-client'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'

/**
 * Revokes a client of the product: refused from the commit on, on every node. `false` for one that is not there, or was revoked. Not for
 * callers of the HTTP surface: who may, is for the caller to decide.
 */
export async function revokeApiClient(database: Database, id: Id<'apiClient'>, reason: string): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    if (!(await updateApiClientRevoked(tx, id))) return false
    await recordFacts(tx, [
      {
        action: 'api_client_revoked',
        accountId: null,
        actor: 'system',
        subject: { kind: 'api_client', id },
        details: { reason, by: 'command_line' },
      },
    ])
    return true
  })
}
