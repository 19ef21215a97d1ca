import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { withdrawEmailChange } from '@portcullis/domain/email/withdraw-change'
import type { Route } from '../../http/mount.ts'

/** `DELETE /v1/account/email-changes/{id}`. */
export function withdrawEmailChangeRoute(database: Database): Route<'withdrawEmailChange'> {
  return async ({ session, params, caller }) => {
    if (!(await withdrawEmailChange(database, session, params.id, caller))) throw new Failure('not_found')
    return { status: 204 }
  }
}
