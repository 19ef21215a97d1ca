import { Failure } from '@portcullis/contracts/errors'
import type { SecondFactorDeps } from '@portcullis/domain/two-factor/check'
import { confirmTwoFactor } from '@portcullis/domain/two-factor/confirm'
import type { Route } from '../../http/mount.ts'

/** `PUT /v1/account/two-factor`. */
export function confirmTwoFactorRoute(deps: SecondFactorDeps): Route<'confirmTwoFactor'> {
  return async ({ session, body, caller, tellQuota }) => {
    const result = await confirmTwoFactor(deps, session, body.code, caller, tellQuota)
    if (result.kind === 'active') return { status: 200, body: { backupCodes: result.backupCodes } }
    if (result.kind === 'wait') throw new Failure('rate_limited', { retryAfterSeconds: result.waitSeconds })
    throw new Failure(result.kind === 'refused' ? 'code_refused' : 'two_factor_not_begun')
  }
}
