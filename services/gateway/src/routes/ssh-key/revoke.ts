import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { revokeOwnSshKey } from '@portcullis/domain/ssh-key/revoke'
import type { Route } from '../../http/mount.ts'

/** `DELETE /v1/account/ssh-keys/{id}`. */
export function revokeSshKeyRoute(database: Database): Route<'revokeSshKey'> {
  return async ({ session, params, caller }) => {
    if (!(await revokeOwnSshKey(database, session, params.id, caller))) throw new Failure('not_found')
    return { status: 204 }
  }
}
