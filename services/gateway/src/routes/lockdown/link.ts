import { Failure } from '@portcullis/contracts/errors'
import { lockByLink } from '@portcullis/domain/lockdown/by-link'
import type { SecondFactorDeps } from '@portcullis/domain/two-factor/check'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/lockdown-links`. Tells nothing but that it is done: whoever has the link learns no more of the account. */
export function useLockdownLinkRoute(deps: SecondFactorDeps): Route<'useLockdownLink'> {
  return async ({ body, caller }) => {
    const result = await lockByLink(deps, body, caller)
    if (result.kind === 'locked') return { status: 202, body: { status: 'accepted' } }
    if (result.kind === 'wait') throw new Failure('rate_limited', { retryAfterSeconds: result.waitSeconds })
    throw new Failure(result.kind)
  }
}
