import type { Database } from '@portcullis/db/connect'
import { listSessions, type SessionLimits } from '@portcullis/db/queries/session'
import { withStore } from '@portcullis/db/transaction'
import type { Route } from '../../http/mount.ts'
import { showSession } from './show.ts'

/** `GET /v1/account/sessions`. */
export function listSessionsRoute(database: Database, limits: SessionLimits): Route<'listSessions'> {
  return async ({ session, accountId }) => {
    const sessions = await withStore(database, (queries) => listSessions(queries, accountId, limits))
    return { status: 200, body: { items: sessions.map((one) => showSession(one, session?.id)), nextCursor: null } }
  }
}
