import type { AuditAction } from '@portcullis/contracts/audit-action'
import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { lockAccount } from '@portcullis/db/queries/account'
import {
  findRental,
  insertKeysOnRental,
  insertRental,
  listRentalKeys,
  type RentalKey,
  type RentalRow,
  updateRentalHost,
} from '@portcullis/db/queries/rental'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { newRentalToken } from './token.ts'

/** What the product tells of a rental. */
export interface RentalInput {
  /** The product's own name of it. */
  readonly id: string
  readonly accountId: Id<'account'>
  readonly host: string
}

/** A rental, and how the keys of its renter stand on it. */
export interface StartedRental {
  readonly rental: RentalRow
  readonly keys: readonly RentalKey[]
  /** Shown once: only to the call that made the rental. */
  readonly token?: string
}

/**
 * Takes note of a rental and puts every living key of its renter on it, pending. Telling of it again changes nothing but
 * its host, and shows no token.
 *
 * @throws Failure `not_found` for an account that is not there or closed; `already_there` where the id is another
 *   account's or was given back: a name is used once.
 */
export async function startRental(
  database: Database,
  clientId: Id<'apiClient'>,
  input: RentalInput,
  caller: Caller,
): Promise<StartedRental> {
  const { token, hash } = newRentalToken()
  return inTransaction(database, async (tx) => {
    if (!(await lockAccount(tx, input.accountId))) throw new Failure('not_found')
    const made = await insertRental(tx, { ...input, tokenHash: hash })
    const rental = await findRental(tx, input.id)
    if (!rental || rental.accountId !== input.accountId || rental.endedAt !== null) throw new Failure('already_there')
    if (made) {
      const keys = await insertKeysOnRental(tx, rental)
      await recordRental(tx, 'rental_started', rental, clientId, caller, { keys })
    } else if (rental.host !== input.host) {
      await updateRentalHost(tx, rental.id, input.host)
      await recordRental(tx, 'rental_updated', rental, clientId, caller, { fields: ['host'] })
    }
    const keys = await listRentalKeys(tx, rental.id)
    return { rental: { ...rental, host: input.host }, keys, ...(made && { token }) }
  })
}

/** Records a fact about a rental. Its subject is the renter, as the product's names are no ids of ours. */
export async function recordRental(
  tx: Tx,
  action: AuditAction,
  rental: Pick<RentalRow, 'id' | 'accountId'>,
  clientId: Id<'apiClient'>,
  caller: Caller,
  details: Record<string, unknown>,
): Promise<void> {
  await recordFacts(tx, [
    {
      action,
      accountId: rental.accountId,
      actor: 'api_client',
      actorId: clientId,
      subject: { kind: 'account', id: rental.accountId },
      requestId: caller.requestId,
      details: { rental: rental.id, ...details },
    },
  ])
}
