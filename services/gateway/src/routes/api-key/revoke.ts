import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { revokeOwnApiKey } from '@portcullis/domain/api-key/revoke'
import type { Route } from '../../http/mount.ts'

/** `DELETE /v1/account/api-keys/{id}`. */
export function revokeApiKeyRoute(database: Database): Route<'revokeApiKey'> {
  return async ({ session, params, caller }) => {
    if (!(await revokeOwnApiKey(database, session, params.id, caller))) throw new Failure('not_found')
    return { status: 204 }
  }
}
