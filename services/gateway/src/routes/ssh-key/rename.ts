import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { renameSshKey } from '@portcullis/domain/ssh-key/rename'
import type { Route } from '../../http/mount.ts'
import { showOneSshKey } from './show.ts'

/** `PATCH /v1/account/ssh-keys/{id}`. */
export function renameSshKeyRoute(database: Database): Route<'renameSshKey'> {
  return async ({ session, params, body, caller }) => {
    const key = await renameSshKey(database, session, params.id, body.name, caller)
    if (!key) throw new Failure('not_found')
    return { status: 200, body: await showOneSshKey(database, key) }
  }
}
