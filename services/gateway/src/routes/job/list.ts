import { asId } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { listJobs } from '@portcullis/db/queries/dead-job'
import { withStore } from '@portcullis/db/transaction'
import type { Route } from '../../http/mount.ts'
import { showJob } from './show.ts'

/** `GET /v1/admin/jobs`. */
export function listJobsRoute(database: Database): Route<'listJobs'> {
  return async ({ query }) => {
    const { state = 'dead', cursor, limit = 50, ...filter } = query
    const beforeId = cursor === undefined ? undefined : asId('job', hyphenate(cursor))
    const { rows, lastId } = await withStore(database, (queries) =>
      listJobs(queries, state, filter, { beforeId, most: limit }),
    )
    return { status: 200, body: { items: rows.map(showJob), nextCursor: lastId?.replaceAll('-', '') ?? null } }
  }
}

function hyphenate(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
