import { Failure } from '@portcullis/contracts/errors'
import type { Service } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import { listQueueStates } from '@portcullis/domain/queue-pause/list'
import { pauseQueue, resumeQueue } from '@portcullis/domain/queue-pause/pause'
import { queueNames } from '@portcullis/domain/queue-pause/rules'
import type { Answer, Route } from '../../http/mount.ts'
import { showQueue } from './show.ts'

/** `POST /v1/admin/queues/{name}/pause`. */
export function pauseQueueRoute(database: Database): Route<'pauseQueue'> {
  return async ({ session, caller, params, body }) => {
    const operator = { kind: 'staff', session, caller } as const
    await pauseQueue(database, { operator, queue: heard(params.name), message: body.message, reason: body.reason })
    return answer(database, params.name)
  }
}

/** `POST /v1/admin/queues/{name}/resume`. */
export function resumeQueueRoute(database: Database): Route<'resumeQueue'> {
  return async ({ session, caller, params, body }) => {
    const operator = { kind: 'staff', session, caller } as const
    await resumeQueue(database, { operator, queue: heard(params.name), message: body.message, reason: body.reason })
    return answer(database, params.name)
  }
}

/** A service that hears nothing has no queue. */
function heard(name: Service): Service {
  if (!queueNames.includes(name)) throw new Failure('not_found')
  return name
}

async function answer(database: Database, name: Service): Promise<Answer> {
  const [queue] = await listQueueStates(database, [name])
  if (!queue) throw new Failure('not_found')
  return { status: 200, body: showQueue(queue) }
}
