import { listSupportTold } from '@portcullis/db/queries/lockdown-telling'
import { idsOf, type StepWork } from './work.ts'

/** Looks whether support was told, or whether nobody is there to be told. */
export const support: StepWork = {
  async readBack(tx, lockdowns) {
    const told = await listSupportTold(tx, idsOf(lockdowns))
    return told.map(({ lockdownId, action, at }) => ({
      lockdownId,
      proven: action !== null,
      proof: { told: action === 'support_told', configured: action !== 'support_not_configured', at },
    }))
  },
}
