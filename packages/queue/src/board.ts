import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import type { Service } from '@portcullis/contracts/service'
import type { Logger } from '@portcullis/runtime/log'
import { Queue } from 'bullmq'
import { defaultPrefix, type JobData } from './queue-name.ts'
import { connectProducer } from './redis.ts'

/** What shows a board over HTTP: an adapter of some HTTP library. */
export type BoardServer = Parameters<typeof createBullBoard>[0]['serverAdapter']

/** The queues as Redis has them, for looking at. */
export interface Board {
  /** Puts the board's pages and calls on a server. */
  attach(server: BoardServer): void
  close(): Promise<void>
}

/** Settings of `openBoard`. */
export interface BoardOptions {
  readonly redisUrl: string
  readonly hearers: readonly Service[]
  readonly log: Logger
  /** Default `portcullis`. */
  readonly prefix?: string
}

/**
 * Opens a Bull Board over the queues: read-only, and of jobs it shows names and ids alone. It shows transport; what is to be done, and
 * what was given up, stands in the ledger. Writes nothing to Redis.
 */
export function openBoard({ redisUrl, hearers, log, prefix = defaultPrefix }: BoardOptions): Board {
  const quiet = (error: Error) => log.debug({ err: error }, 'redis connection error')
  const redis = connectProducer(redisUrl, quiet)
  const queues = hearers.map((hearer) => {
    const queue = new Queue<JobData>(hearer, { connection: redis, prefix, skipMetasUpdate: true })
    queue.on('error', quiet)
    return queue
  })
  const adapters = queues.map((queue) => {
    const adapter = new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })
    // A queue carries ids only; should anybody ever put more into one, it is not shown.
    adapter.setFormatter('data', () => ({}))
    adapter.setFormatter('returnValue', () => null)
    return adapter
  })
  return {
    attach: (serverAdapter) => {
      const uiConfig = {
        boardTitle: 'Portcullis',
        miscLinks: [{ text: 'Documentation', url: '/docs' }],
        hideRedisDetails: true,
      }
      createBullBoard({ queues: adapters, serverAdapter, options: { uiConfig } })
    },
    async close() {
      await Promise.allSettled(queues.map((queue) => queue.close()))
      redis.disconnect()
    },
  }
}
