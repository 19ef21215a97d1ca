import { formatId } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { startRental } from '@portcullis/domain/rental/start'
import type { Route } from '../../http/mount.ts'

/** `PUT /v1/rentals/{id}`. */
export function startRentalRoute(database: Database): Route<'startRental'> {
  return async ({ client, params, body, caller }) => {
    const { rental, keys, token } = await startRental(database, client.id, { ...body, id: params.id }, caller)
    const shown = {
      id: rental.id,
      accountId: formatId('account', rental.accountId),
      host: rental.host,
      createdAt: rental.createdAt.toISOString(),
      keys: keys.map(({ keyId, state, changedAt, confirmedAt }) => ({
        id: formatId('sshKey', keyId),
        state,
        changedAt: changedAt.toISOString(),
        confirmedAt: confirmedAt?.toISOString() ?? null,
      })),
    }
    return token === undefined ? { status: 200, body: shown } : { status: 201, body: { ...shown, rentalToken: token } }
  }
}
