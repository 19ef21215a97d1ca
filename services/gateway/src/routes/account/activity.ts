import type { Database } from '@portcullis/db/connect'
import { listLoginEvents } from '@portcullis/db/queries/owner'
import { withStore } from '@portcullis/db/transaction'
import { placeOfCountry } from '@portcullis/runtime/place'
import type { Route } from '../../http/mount.ts'

const pageRows = 50

/** `GET /v1/account/activity`. */
export function listActivityRoute(database: Database): Route<'listActivity'> {
  return async ({ accountId, query }) => {
    const { limit = pageRows, cursor = null } = query
    // One more than asked for tells whether there is a next page.
    const rows = await withStore(database, (queries) => listLoginEvents(queries, accountId, cursor, limit + 1))
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    return {
      status: 200,
      body: {
        items: page.map((row) => ({
          occurredAt: row.occurredAt.toISOString(),
          outcome: row.outcome,
          factors: row.factors,
          network: row.network,
          location: placeOfCountry(row.country ?? undefined),
          device: row.device,
        })),
        nextCursor: rows.length > limit && last ? last.id.replaceAll('-', '') : null,
      },
    }
  }
}
