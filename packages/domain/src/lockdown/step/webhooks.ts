import { countReceiversTold } from '@portcullis/db/queries/lockdown-telling'
import { idsOf, type StepWork } from './work.ts'

/** Looks whether any delivery that tells of the lockdown is still under way. One that was given up on is told as such. */
export const webhooks: StepWork = {
  async readBack(tx, lockdowns) {
    const told = await countReceiversTold(tx, idsOf(lockdowns))
    return told.map(({ lockdownId, ...proof }) => ({ lockdownId, proven: proof.pending === 0, proof }))
  },
}
