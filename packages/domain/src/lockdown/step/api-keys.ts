import { countLockedApiKeys, revokeLockedApiKeys } from '@portcullis/db/queries/lockdown-credential'
import { byLockdown, stepFact, type StepWork } from './work.ts'

/** Revokes every API key that was issued before, those in the overlap of a rotation too. */
export const apiKeys: StepWork = {
  async act(tx, lockdowns) {
    const revoked = await revokeLockedApiKeys(tx, lockdowns)
    return byLockdown(lockdowns, revoked).map(({ lockdown, rows }) => ({
      lockdownId: lockdown.id,
      counts: { revoked: rows.length },
      facts: rows.map(({ id }) => stepFact(lockdown, 'api_key_revoked', { kind: 'api_key', id }, {})),
    }))
  },
  async readBack(tx, lockdowns) {
    const left = await countLockedApiKeys(tx, lockdowns)
    return left.map(({ lockdownId, living }) => ({ lockdownId, proven: living === 0, proof: { living } }))
  },
}
