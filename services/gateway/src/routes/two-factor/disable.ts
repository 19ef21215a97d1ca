import { Failure } from '@portcullis/contracts/errors'
import type { SecondFactorDeps } from '@portcullis/domain/two-factor/check'
import { disableTwoFactor } from '@portcullis/domain/two-factor/disable'
import type { Route } from '../../http/mount.ts'

/** `DELETE /v1/account/two-factor`. */
export function disableTwoFactorRoute(deps: SecondFactorDeps): Route<'disableTwoFactor'> {
  return async ({ session, body, caller, tellQuota }) => {
    const result = await disableTwoFactor(deps, session, body.code, caller, tellQuota)
    if (result.kind === 'disabled') return { status: 204 }
    if (result.kind === 'wait') throw new Failure('rate_limited', { retryAfterSeconds: result.waitSeconds })
    throw new Failure(result.kind === 'mandatory' ? 'two_factor_mandatory' : 'code_refused')
  }
}
