import type { Service } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import { claimDueJobs } from '@portcullis/db/queries/job'
import { createExecutor } from '@portcullis/queue/executor'
import type { HandlersFor } from '@portcullis/queue/handler'
import { createLogger } from '@portcullis/runtime/log'

/** How a job stands after it was worked on. */
export interface PerformedJob {
  readonly id: string
  readonly message: string
  readonly state: string
  readonly attempts: number
  readonly code: string | null
}

/**
 * Works off every job that is due for a service, with its real handlers through the real executor, and tells how each
 * stands. `deliveries` hands each of them over so many times at once, as a queue may.
 */
export async function perform<S extends Service>(
  database: Database,
  service: S,
  handlers: HandlersFor<S>,
  deliveries = 1,
): Promise<PerformedJob[]> {
  const log = createLogger({ service: 'test', level: 'silent' })
  const executor = createExecutor({ service, database, handlers, log })
  const claimed = await claimDueJobs(database, [{ hearer: service, most: 1000 }])
  await Promise.all(
    claimed.flatMap((dispatch) =>
      Array.from({ length: deliveries }, () => executor.execute({ ...dispatch, again: false })),
    ),
  )
  const rows = await database.sql<PerformedJob[]>`
    select id, message, state, attempts, last_error_code as code from jobs
    where id = any(${claimed.map((dispatch) => dispatch.id)}::uuid[]) order by id`
  return [...rows]
}
