import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { revokeOwnSession, revokeOwnSessions } from '@portcullis/domain/session/revoke'
import type { Route } from '../../http/mount.ts'

/** `DELETE /v1/account/sessions/{id}`. */
export function revokeSessionRoute(database: Database): Route<'revokeSession'> {
  return async ({ session, params, caller }) => {
    if (!(await revokeOwnSession(database, session, params.id, caller))) throw new Failure('not_found')
    return { status: 204 }
  }
}

/** `DELETE /v1/account/sessions`. */
export function revokeSessionsRoute(database: Database): Route<'revokeSessions'> {
  return async ({ session, query, caller }) => {
    const revoked = await revokeOwnSessions(database, session, query.except === 'current', caller)
    return { status: 200, body: { revoked } }
  }
}
