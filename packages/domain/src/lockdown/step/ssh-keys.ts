import { countLockedSshKeys, revokeLockedSshKeys } from '@portcullis/db/queries/lockdown-credential'
import { byLockdown, stepFact, type StepWork } from './work.ts'

/**
 * Revokes every SSH key that was added before and withdraws it from every rental: from then on no host is given one. Proven
 * without the hosts, which may be away: those that have not asked since are listed.
 */
export const sshKeys: StepWork = {
  async act(tx, lockdowns) {
    const touched = await revokeLockedSshKeys(tx, lockdowns)
    return byLockdown(lockdowns, touched).map(({ lockdown, rows }) => {
      const revoked = rows.filter((row) => row.revoked)
      const withdrawn = rows.reduce((sum, row) => sum + row.rentals, 0)
      const facts = revoked.map(({ id, rentals }) =>
        stepFact(lockdown, 'ssh_key_revoked', { kind: 'ssh_key', id }, { rentals }),
      )
      return { lockdownId: lockdown.id, counts: { revoked: revoked.length, withdrawn }, facts }
    })
  },
  async readBack(tx, lockdowns) {
    const left = await countLockedSshKeys(tx, lockdowns)
    return left.map(({ lockdownId, living, onRentals, unconfirmed }) => ({
      lockdownId,
      proven: living === 0 && onRentals === 0,
      proof: { living, onRentals, unconfirmedRentals: unconfirmed },
    }))
  },
}
