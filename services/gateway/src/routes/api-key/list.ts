import type { Database } from '@portcullis/db/connect'
import { listApiKeys } from '@portcullis/db/queries/api-key'
import { withStore } from '@portcullis/db/transaction'
import type { Route } from '../../http/mount.ts'
import { showApiKey } from './show.ts'

/** `GET /v1/account/api-keys`. */
export function listApiKeysRoute(database: Database): Route<'listApiKeys'> {
  return async ({ accountId }) => {
    const keys = await withStore(database, (queries) => listApiKeys(queries, accountId))
    return { status: 200, body: { items: keys.map(showApiKey), nextCursor: null } }
  }
}
