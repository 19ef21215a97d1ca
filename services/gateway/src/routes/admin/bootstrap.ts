import type { Database } from '@portcullis/db/connect'
import { inTransaction } from '@portcullis/db/transaction'
import { useBootstrapToken } from '@portcullis/domain/admin/use-bootstrap-token'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/admin/bootstrap`. */
export function bootstrapAdminRoute(database: Database): Route<'bootstrapAdmin'> {
  return async ({ session, caller, body }) => {
    await inTransaction(database, (tx) => useBootstrapToken(tx, session, body.token, caller))
    return { status: 204 }
  }
}
