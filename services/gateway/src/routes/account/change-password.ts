import { Failure } from '@portcullis/contracts/errors'
import { changePassword, type PasswordChangeDeps } from '@portcullis/domain/password/change'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/account/password`. */
export function changePasswordRoute(deps: PasswordChangeDeps): Route<'changePassword'> {
  return async ({ session, body, caller, tellQuota }) => {
    const result = await changePassword(deps, session, body, caller, tellQuota)
    if (result.kind === 'changed') return { status: 204 }
    if (result.kind === 'wait') throw new Failure('rate_limited', { retryAfterSeconds: result.waitSeconds })
    if (result.kind === 'password_refused') throw new Failure(result.kind, { faults: result.faults })
    throw new Failure(result.kind)
  }
}
