import { countLockedTokens, voidLockedTokens } from '@portcullis/db/queries/lockdown-secret'
import { idsOf, stepFact, type StepWork } from './work.ts'

/**
 * Voids reset links, logins that wait for a code and changes of address that were asked for, and forgets the devices of the
 * suspect window. A change of address that was confirmed stands: it is for the owner to undo at the review.
 */
export const tokens: StepWork = {
  async act(tx, lockdowns) {
    const voided = await voidLockedTokens(tx, idsOf(lockdowns))
    const lockdownOf = new Map(lockdowns.map((lockdown) => [lockdown.id, lockdown]))
    return voided.flatMap(({ lockdownId, ...counts }) => {
      const lockdown = lockdownOf.get(lockdownId)
      if (!lockdown || Object.values(counts).every((count) => count === 0)) return []
      const subject = { kind: 'account', id: lockdown.accountId }
      return [{ lockdownId, counts, facts: [stepFact(lockdown, 'authn_token_revoked', subject, counts)] }]
    })
  },
  async readBack(tx, lockdowns) {
    const left = await countLockedTokens(tx, idsOf(lockdowns))
    return left.map(({ lockdownId, ...proof }) => ({
      lockdownId,
      proven: Object.values(proof).every((count) => count === 0),
      proof,
    }))
  },
}
