import { deleteSuspectFactors, listLockedFactors } from '@portcullis/db/queries/lockdown-secret'
import { byLockdown, idsOf, stepFact, type StepWork } from './work.ts'

/**
 * Keeps the second factor, as it may be the only proof that the owner has left; but one that was enrolled within the suspect
 * window may be the intruder's, and is taken away with its backup codes. So is an enrolment that was not finished.
 */
export const secondFactor: StepWork = {
  async act(tx, lockdowns) {
    const removed = await deleteSuspectFactors(tx, idsOf(lockdowns))
    return byLockdown(lockdowns, removed).map(({ lockdown, rows }) => {
      const confirmed = rows.filter((row) => row.confirmed)
      const backupCodes = rows.reduce((sum, row) => sum + row.backupCodes, 0)
      const subject = { kind: 'totp_factor', id: lockdown.accountId }
      return {
        lockdownId: lockdown.id,
        counts: { factors: confirmed.length, enrolments: rows.length - confirmed.length, backupCodes },
        facts: confirmed.map(() => stepFact(lockdown, 'authn_factor_deleted', subject, { backupCodes })),
      }
    })
  },
  async readBack(tx, lockdowns) {
    const found = await listLockedFactors(tx, idsOf(lockdowns))
    return found.map(({ lockdownId, kept, suspect, backupCodes }) => ({
      lockdownId,
      proven: !suspect,
      proof: { kept, suspect, backupCodes },
    }))
  },
}
