import { listOwnersTold } from '@portcullis/db/queries/lockdown-telling'
import { idsOf, type StepWork } from './work.ts'

/** Looks whether the mail that tells the owner, with the way back in, was taken by the mail server. */
export const owner: StepWork = {
  async readBack(tx, lockdowns) {
    const told = await listOwnersTold(tx, idsOf(lockdowns))
    return told.map(({ lockdownId, mailedAt }) => ({ lockdownId, proven: mailedAt !== null, proof: { mailedAt } }))
  },
}
