import { Failure } from '@portcullis/contracts/errors'
import { readWatched, type WatchedOperation } from '@portcullis/domain/operation/watch'
import type { Route } from '../../http/mount.ts'
import { type OperationDeps } from './get.ts'
import { showOperation } from './show.ts'
import type { OperationStreams } from './streams.ts'

const over = new Set(['done', 'failed', 'cancelled'])

/** `GET /v1/operations/{id}/events`. */
export function watchOperationRoute(
  deps: OperationDeps & { readonly streams: OperationStreams },
): Route<'watchOperation'> {
  return async ({ params: { id }, session, client, watchToken, lastEventId, stillAlive }) => {
    const watcher = { session, client, watchToken }
    const first = await readWatched(deps.database, deps.watchKeys, id, watcher)
    if (!first) throw new Failure('not_found')
    const stream = deps.streams.open({
      id,
      first: eventOf(first),
      known: lastEventId,
      async read() {
        // What was revoked meanwhile sees no more: a stream may outlive its session by ten minutes else.
        if (!(await stillAlive())) return undefined
        const watched = await readWatched(deps.database, deps.watchKeys, id, watcher)
        return watched && eventOf(watched)
      },
    })
    if (!stream) throw new Failure('rate_limited', { retryAfterSeconds: 10 })
    return { status: 200, stream }
  }
}

function eventOf(watched: WatchedOperation) {
  const { version, status } = watched.operation
  return { id: version, data: JSON.stringify(showOperation(watched)), last: over.has(status) }
}
