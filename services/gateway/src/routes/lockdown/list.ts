import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { findLockdown } from '@portcullis/db/queries/lockdown'
import { listLockdowns } from '@portcullis/db/queries/lockdown-report'
import { withStore } from '@portcullis/db/transaction'
import type { Route } from '../../http/mount.ts'
import { showLockdown } from './show.ts'

/** `GET /v1/account/lockdowns`. */
export function listLockdownsRoute(database: Database): Route<'listLockdowns'> {
  return async ({ accountId }) => {
    const rows = await withStore(database, (queries) => listLockdowns(queries, accountId))
    return { status: 200, body: { items: rows.map(showLockdown), nextCursor: null } }
  }
}

/** `GET /v1/account/lockdowns/{id}`. */
export function getLockdownRoute(database: Database): Route<'getLockdown'> {
  return async ({ accountId, params }) => {
    const row = await withStore(database, (queries) => findLockdown(queries, params.id))
    if (row?.accountId !== accountId) throw new Failure('not_found')
    return { status: 200, body: showLockdown(row) }
  }
}
