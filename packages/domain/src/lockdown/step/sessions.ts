import { countLockedSessions, revokeLockedSessions } from '@portcullis/db/queries/lockdown-credential'
import { byLockdown, stepFact, type StepWork } from './work.ts'

/** Ends every session that was issued before; the proof of identity of each goes with it. */
export const sessions: StepWork = {
  async act(tx, lockdowns) {
    const revoked = await revokeLockedSessions(tx, lockdowns)
    return byLockdown(lockdowns, revoked).map(({ lockdown, rows }) => {
      const counts = { revoked: rows[0]?.revoked ?? 0 }
      const subject = { kind: 'account', id: lockdown.accountId }
      return { lockdownId: lockdown.id, counts, facts: [stepFact(lockdown, 'sessions_revoked', subject, counts)] }
    })
  },
  async readBack(tx, lockdowns) {
    const left = await countLockedSessions(tx, lockdowns)
    return left.map(({ lockdownId, living }) => ({ lockdownId, proven: living === 0, proof: { living } }))
  },
}
