import { countItems, gatherItems } from '@portcullis/db/queries/lockdown-item'
import { byLockdown, idsOf, type StepWork } from './work.ts'

/** Gathers what the owner is to look through at the recovery. Proven when a second look finds nothing that is missing. */
export const review: StepWork = {
  async act(tx, lockdowns) {
    const gathered = await gatherItems(tx, idsOf(lockdowns))
    return byLockdown(lockdowns, gathered).map(({ lockdown, rows }) => ({
      lockdownId: lockdown.id,
      counts: { gathered: rows[0]?.added ?? 0 },
      facts: [],
    }))
  },
  async readBack(tx, lockdowns) {
    const found = await countItems(tx, idsOf(lockdowns))
    return found.map(({ lockdownId, ...proof }) => ({
      lockdownId,
      proven: proof.missing === 0 && proof.misjudged === 0,
      proof,
    }))
  },
}
