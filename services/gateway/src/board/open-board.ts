import { queueNames } from '@portcullis/domain/queue-pause/rules'
import type { Logger } from '@portcullis/runtime/log'
import type { GatewayConfig } from '../config.ts'
import type { MountBoard } from './mount-board.ts'

/** The dashboard of the queues, with its connection to Redis. */
export interface OpenBoard {
  readonly mount: MountBoard
  close(): Promise<void>
}

/** Opens the dashboard where there is a Redis; its libraries are loaded only then. */
export async function openBoardMount(
  config: Pick<GatewayConfig, 'REDIS_URL' | 'QUEUE_PREFIX'>,
  log: Logger,
): Promise<OpenBoard | undefined> {
  const redisUrl = config.REDIS_URL?.reveal()
  if (redisUrl === undefined) return undefined
  const [{ openBoard }, { createBoardMount }] = await Promise.all([
    import('@portcullis/queue/board'),
    import('./mount-board.ts'),
  ])
  const board = openBoard({ redisUrl, hearers: queueNames, log, prefix: config.QUEUE_PREFIX })
  return { mount: createBoardMount(board), close: () => board.close() }
}
