import { formatId } from '@portcullis/contracts/ids'
import { wholeQueue } from '@portcullis/db/queries/queue-pause'
import type { QueueState } from '@portcullis/domain/queue-pause/list'

/** A queue as operators see it. */
export function showQueue(queue: QueueState): Record<string, unknown> {
  return {
    name: queue.hearer,
    due: queue.due,
    waiting: queue.pending - queue.due,
    published: queue.published,
    running: queue.running,
    dead: queue.dead,
    oldestDueSeconds: queue.oldestSeconds,
    pauses: queue.pauses.map((pause) => ({
      message: pause.message === wholeQueue ? null : pause.message,
      reason: pause.reason,
      by: pause.pausedBy && formatId('account', pause.pausedBy),
      since: pause.pausedAt.toISOString(),
    })),
  }
}
