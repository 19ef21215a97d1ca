import { listLockedPasswords, retireLockedPasswords } from '@portcullis/db/queries/lockdown-secret'
import { idsOf, stepFact, type StepWork } from './work.ts'

/** Takes the password away, as one that others know: no login until the owner has set another, which it may not be. */
export const password: StepWork = {
  async act(tx, lockdowns) {
    const retired = new Set(await retireLockedPasswords(tx, idsOf(lockdowns)))
    return lockdowns
      .filter((lockdown) => retired.has(lockdown.id))
      .map((lockdown) => {
        const subject = { kind: 'account', id: lockdown.accountId }
        const facts = [stepFact(lockdown, 'authn_password_compromised', subject, {})]
        return { lockdownId: lockdown.id, counts: { retired: 1 }, facts }
      })
  },
  async readBack(tx, lockdowns) {
    const found = await listLockedPasswords(tx, idsOf(lockdowns))
    return found.map(({ lockdownId, usable, compromisedAt }) => ({
      lockdownId,
      proven: !usable,
      proof: { usable, compromisedAt },
    }))
  },
}
