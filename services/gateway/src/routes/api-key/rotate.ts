import { Failure } from '@portcullis/contracts/errors'
import { expiryFaults } from '@portcullis/domain/api-key/expiry'
import { overlapSecondsMost, rotateApiKey } from '@portcullis/domain/api-key/rotate'
import type { Route } from '../../http/mount.ts'
import { issueOnce, type IssueDeps, readMoment } from './issue.ts'

/** `POST /v1/account/api-keys/{id}/rotation`. */
export function rotateApiKeyRoute(deps: IssueDeps): Route<'rotateApiKey'> {
  return async ({ session, accountId, params, body, caller, idempotencyKey }) => {
    const { overlapSeconds = overlapSecondsMost } = body
    const expiresAt = readMoment(body.expiresAt)
    const now = deps.clock.now()
    const faults = expiryFaults(expiresAt ?? null, now)
    if (faults.length > 0) throw new Failure('validation_failed', { faults })
    const said = [params.id, overlapSeconds, expiresAt === undefined ? 'as before' : expiresAt]
    return issueOnce(deps, { route: 'rotateApiKey', accountId, key: idempotencyKey, said }, (tx, prepared) =>
      rotateApiKey(tx, session, prepared, { id: params.id, overlapSeconds, expiresAt, now }, caller),
    )
  }
}
