import type { Route } from '../../http/mount.ts'
import { showSession } from './show.ts'

/** `GET /v1/account/session`. */
export const getSessionRoute: Route<'getSession'> = async ({ session }) => ({
  status: 200,
  body: showSession(session, session.id),
})
