import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { readWatched } from '@portcullis/domain/operation/watch'
import type { Route } from '../../http/mount.ts'
import { showOperation } from './show.ts'

/** What operations are read with. */
export interface OperationDeps {
  readonly database: Database
  /** Keys of watch tokens, the newest first. */
  readonly watchKeys: readonly [Uint8Array, ...Uint8Array[]]
}

/** `GET /v1/operations/{id}`. */
export function getOperationRoute({ database, watchKeys }: OperationDeps): Route<'getOperation'> {
  return async ({ params, session, client, watchToken }) => {
    const watched = await readWatched(database, watchKeys, params.id, { session, client, watchToken })
    if (!watched) throw new Failure('not_found')
    return { status: 200, body: showOperation(watched) }
  }
}
