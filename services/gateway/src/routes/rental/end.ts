import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { endRental } from '@portcullis/domain/rental/end'
import type { Route } from '../../http/mount.ts'

/** `DELETE /v1/rentals/{id}`. */
export function endRentalRoute(database: Database): Route<'endRental'> {
  return async ({ client, params, caller }) => {
    if (!(await endRental(database, client.id, params.id, caller))) throw new Failure('not_found')
    return { status: 204 }
  }
}
