import type { Database } from '@portcullis/db/connect'
import { logout } from '@portcullis/domain/session/revoke'
import { endedCookie } from '../../http/cookie.ts'
import type { Route } from '../../http/mount.ts'

/** `DELETE /v1/account/session`. */
export function deleteSessionRoute(database: Database): Route<'deleteSession'> {
  return async ({ session, caller }) => {
    await logout(database, session, caller)
    return { status: 204, cookies: [endedCookie()] }
  }
}
