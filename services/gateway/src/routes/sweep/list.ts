import type { Database } from '@portcullis/db/connect'
import { listSweeps } from '@portcullis/db/queries/sweep'
import { withStore } from '@portcullis/db/transaction'
import type { Route } from '../../http/mount.ts'

/** `GET /v1/admin/sweeps`. */
export function listSweepsRoute(database: Database): Route<'listSweeps'> {
  return async () => {
    const rows = await withStore(database, (queries) => listSweeps(queries))
    const items = rows.map((row) => ({
      name: row.name,
      chunkRows: row.chunkRows,
      rowsThisRun: row.rowsThisRun,
      rowsTotal: row.rowsTotal,
      runStartedAt: row.runStartedAt?.toISOString() ?? null,
      runEndedAt: row.runEndedAt?.toISOString() ?? null,
      heldBecause: row.lastErrorCode,
      updatedAt: row.updatedAt.toISOString(),
    }))
    return { status: 200, body: { items, nextCursor: null } }
  }
}
