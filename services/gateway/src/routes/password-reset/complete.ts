import { Failure } from '@portcullis/contracts/errors'
import { completePasswordReset, type ResetCompletionDeps } from '@portcullis/domain/reset/complete'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/password-resets/completions`. Never logs in. */
export function completePasswordResetRoute(deps: ResetCompletionDeps): Route<'completePasswordReset'> {
  return async ({ body, caller }) => {
    const result = await completePasswordReset(deps, body, caller)
    if (result.ok) return { status: 204 }
    if (result.why === 'password_refused') throw new Failure(result.why, { faults: result.faults })
    if (result.why === 'rate_limited') throw new Failure(result.why, { retryAfterSeconds: result.waitSeconds })
    throw new Failure(result.why)
  }
}
