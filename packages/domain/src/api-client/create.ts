import type { ClientScope } from '@portcullis/contracts/client-scope'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { insertApiClient } from '@portcullis/db/queries/api-client'
import { inTransaction } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { newClientSecret } from '../api-key/credential-token.ts'
import { recordFacts } from '../audit/record.ts'

/** A client that was made. */
export interface IssuedApiClient {
  readonly id: Id<'apiClient'>
  /** `pcc_…`: shown once. Only its SHA-256 is stored. */
  readonly secret: string
}

/** Makes a client of the product with at least one scope. Not for callers of the HTTP surface: who may, is for the caller to decide. */
export async function createApiClient(
  database: Database,
  wish: { readonly name: string; readonly scopes: readonly [ClientScope, ...ClientScope[]] },
): Promise<IssuedApiClient> {
  const id = newId('apiClient')
  const { token, hash } = newClientSecret()
  await inTransaction(database, async (tx) => {
    await insertApiClient(tx, { id, name: wish.name, secretHash: hash, scopes: wish.scopes })
    await recordFacts(tx, [
      {
        action: 'api_client_created',
        accountId: null,
        actor: 'system',
        subject: { kind: 'api_client', id },
        details: { scopes: wish.scopes },
      },
    ])
  })
  return { id, secret: token }
}
