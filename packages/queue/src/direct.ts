import type { Service } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import { claimDueJobs } from '@portcullis/db/queries/job'
import { withStore } from '@portcullis/db/transaction'
import { listenForJobs, type Listener } from '@portcullis/db/wake'
import type { Logger } from '@portcullis/runtime/log'
import type { Executor } from './executor.ts'

/** Takes due jobs straight from the ledger, by the same claim as the relay: slower than a queue, and nothing stops. */
export interface Direct {
  start(): void
  /** Settles when nothing more will be taken. What was taken is the executor's. */
  stop(): Promise<void>
  running(): boolean
}

/** Settings of `createDirect`. */
export interface DirectOptions {
  readonly service: Service
  readonly database: Database
  readonly databaseUrl: string
  readonly executor: Executor
  readonly log: Logger
  readonly concurrency: number
  /** Wait between looks when nobody wakes it. Default 200 ms. */
  readonly pollMs?: number
}

/** Makes the loop that a worker runs while Redis is away. */
export function createDirect(options: DirectOptions): Direct {
  const { service, database, executor, concurrency } = options
  let timer: NodeJS.Timeout | undefined
  let listener: Listener | undefined
  let running = false
  let looking: Promise<void> | undefined
  let lookAgain = false

  async function look(): Promise<void> {
    const room = concurrency - executor.underWay()
    if (room <= 0) return
    const claimed = await withStore(database, (queries) => claimDueJobs(queries, [{ hearer: service, most: room }]))
    for (const dispatch of claimed) void executor.execute({ ...dispatch, again: false }).then(soon)
    lookAgain ||= claimed.length === room
  }

  function soon(): void {
    if (!running) return
    if (looking) {
      lookAgain = true
      return
    }
    lookAgain = false
    clearTimeout(timer)
    looking = look()
      .catch((error: unknown) => options.log.debug({ err: error }, 'cannot read the ledger'))
      .finally(() => {
        looking = undefined
        if (!running) return
        const more = lookAgain && executor.underWay() < concurrency
        timer = setTimeout(soon, more ? 0 : (options.pollMs ?? 200))
      })
  }

  return {
    start() {
      if (running) return
      running = true
      listener = listenForJobs(options.databaseUrl, soon)
      soon()
    },
    async stop() {
      running = false
      clearTimeout(timer)
      const closing = listener?.close()
      listener = undefined
      await Promise.all([looking, closing])
    },
    running: () => running,
  }
}
