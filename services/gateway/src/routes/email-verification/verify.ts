import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { confirmRegistration } from '@portcullis/domain/registration/confirm'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/email-verifications`. */
export function verifyEmailRoute(database: Database): Route<'verifyEmail'> {
  return async ({ body, caller }) => {
    if (!(await confirmRegistration(database, body.token, caller))) throw new Failure('token_invalid')
    return { status: 204 }
  }
}
