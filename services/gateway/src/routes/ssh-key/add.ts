import { addSshKey, type AddSshKeyDeps } from '@portcullis/domain/ssh-key/add'
import type { Route } from '../../http/mount.ts'
import { showOneSshKey } from './show.ts'

/** `POST /v1/account/ssh-keys`. */
export function addSshKeyRoute(deps: AddSshKeyDeps): Route<'addSshKey'> {
  return async ({ session, body, caller, idempotencyKey }) => {
    const key = await addSshKey(deps, session, body, caller, idempotencyKey)
    return { status: 201, body: await showOneSshKey(deps.database, key) }
  }
}
