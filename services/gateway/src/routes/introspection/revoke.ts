import type { Database } from '@portcullis/db/connect'
import { revokeByToken } from '@portcullis/domain/credential/revoke'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/revoke`. The same answer, whatever the token. */
export function revokeTokenRoute(database: Database): Route<'revokeToken'> {
  return async ({ client, body, caller }) => {
    await revokeByToken(database, client, body.token, caller)
    return { status: 200, body: {} }
  }
}
