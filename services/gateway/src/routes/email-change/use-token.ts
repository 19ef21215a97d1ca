import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { confirmEmailChange } from '@portcullis/domain/email/confirm-change'
import { revertEmailChange } from '@portcullis/domain/email/revert-change'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/email-changes/confirmations`. */
export function confirmEmailChangeRoute(database: Database): Route<'confirmEmailChange'> {
  return async ({ body, caller }) => {
    if (!(await confirmEmailChange(database, body.token, caller))) throw new Failure('token_invalid')
    return { status: 204 }
  }
}

/** `POST /v1/email-changes/reversions`. */
export function revertEmailChangeRoute(database: Database): Route<'revertEmailChange'> {
  return async ({ body, caller }) => {
    if (!(await revertEmailChange(database, body.token, caller))) throw new Failure('token_invalid')
    return { status: 204 }
  }
}
