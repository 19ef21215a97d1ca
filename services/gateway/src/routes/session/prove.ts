import { Failure } from '@portcullis/contracts/errors'
import { proveSession } from '@portcullis/domain/session/prove'
import type { SecondFactorDeps } from '@portcullis/domain/two-factor/check'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/account/session/proof`. */
export function proveSessionRoute(deps: SecondFactorDeps): Route<'proveSession'> {
  return async ({ session, body, caller, tellQuota }) => {
    const result = await proveSession(deps, session, body, caller, tellQuota)
    if (result.kind === 'refused') throw new Failure('proof_refused')
    if (result.kind === 'wait') throw new Failure('rate_limited', { retryAfterSeconds: result.waitSeconds })
    return { status: 200, body: { token: result.token } }
  }
}
