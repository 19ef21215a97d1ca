import type { Database } from '@portcullis/db/connect'
import { listQueueStates } from '@portcullis/domain/queue-pause/list'
import type { Route } from '../../http/mount.ts'
import { showQueue } from './show.ts'

/** `GET /v1/admin/queues`. */
export function listQueuesRoute(database: Database): Route<'listQueues'> {
  return async () => {
    const queues = await listQueueStates(database)
    return { status: 200, body: { items: queues.map(showQueue), nextCursor: null } }
  }
}
