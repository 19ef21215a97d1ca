import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { lockAccount } from '@portcullis/db/queries/account'
import { findRental, updateRentalEnded, withdrawRentalKeys } from '@portcullis/db/queries/rental'
import { inTransaction } from '@portcullis/db/transaction'
import type { Caller } from '../caller.ts'
import { recordRental } from './start.ts'

/**
 * Takes note that a server was given back: its token opens nothing from the commit on, and every key is withdrawn in the
 * same transaction. No host confirms that: it cannot ask any more. `false` for a rental that is not there, or over.
 */
export async function endRental(
  database: Database,
  clientId: Id<'apiClient'>,
  id: string,
  caller: Caller,
): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    const rental = await findRental(tx, id)
    if (!rental) return false
    await lockAccount(tx, rental.accountId)
    if (!(await updateRentalEnded(tx, id))) return false
    const withdrawn = await withdrawRentalKeys(tx, id)
    await recordRental(tx, 'rental_ended', rental, clientId, caller, { withdrawn })
    return true
  })
}
