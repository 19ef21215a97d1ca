import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { renameApiKey } from '@portcullis/domain/api-key/rename'
import type { Route } from '../../http/mount.ts'
import { showApiKey } from './show.ts'

/** `PATCH /v1/account/api-keys/{id}`. */
export function renameApiKeyRoute(database: Database): Route<'renameApiKey'> {
  return async ({ session, params, body, caller }) => {
    const key = await renameApiKey(database, session, params.id, body.name, caller)
    if (!key) throw new Failure('not_found')
    return { status: 200, body: showApiKey(key) }
  }
}
