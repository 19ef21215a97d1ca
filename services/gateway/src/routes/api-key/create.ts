import { Failure } from '@portcullis/contracts/errors'
import { createApiKey } from '@portcullis/domain/api-key/create'
import { expiryFaults } from '@portcullis/domain/api-key/expiry'
import { parseScopes } from '@portcullis/domain/api-key/scope'
import type { Route } from '../../http/mount.ts'
import { issueOnce, type IssueDeps, readMoment } from './issue.ts'

/** `POST /v1/account/api-keys`. */
export function createApiKeyRoute(deps: IssueDeps): Route<'createApiKey'> {
  return async ({ session, accountId, body, caller, idempotencyKey }) => {
    const { name } = body
    const expiresAt = readMoment(body.expiresAt) ?? null
    const verdict = parseScopes(body.scopes)
    const faults = [...(verdict.ok ? [] : verdict.faults), ...expiryFaults(expiresAt, deps.clock.now())]
    if (!verdict.ok || faults.length > 0) throw new Failure('validation_failed', { faults })
    const { scopes } = verdict
    return issueOnce(
      deps,
      { route: 'createApiKey', accountId, key: idempotencyKey, said: [name, scopes, expiresAt] },
      (tx, prepared) => createApiKey(tx, session, prepared, { name, scopes, expiresAt }, caller),
    )
  }
}
