import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { fetchAuthorizedKeys } from '@portcullis/domain/rental/fetch-keys'
import type { Route } from '../../http/mount.ts'

/** `GET /v1/rentals/{id}/authorized-keys`. A token of another rental is told that there is nothing. */
export function fetchAuthorizedKeysRoute(database: Database): Route<'fetchAuthorizedKeys'> {
  return async ({ rental, params, caller }) => {
    const lines = rental.id === params.id ? await fetchAuthorizedKeys(database, rental, caller) : undefined
    if (!lines) throw new Failure('not_found')
    return { status: 200, media: lines.map((line) => `${line}\n`).join('') }
  }
}
