import type { Service } from '@portcullis/contracts/service'
import { connectDatabase, type Database, storeAnswers } from '@portcullis/db/connect'
import type { Config } from '@portcullis/runtime/config'
import type { RunningService, ServiceBase, ServiceConfig } from '@portcullis/runtime/service'
import type { HandlersFor } from './handler.ts'
import type { queueSettings } from './setting.ts'
import { startWorker } from './worker.ts'

/** What `createWorkerService` is given: what every service has, and its settings. */
export interface WorkerServiceBase extends ServiceBase {
  readonly config: ServiceConfig & Config<typeof queueSettings>
}

/** What a service brings of its own. */
export interface WorkerParts<S extends Service> {
  readonly handlers: HandlersFor<S>
  /** Deliveries at a time. */
  readonly concurrency: number
  /** Closes what the handlers hold, once none of them runs. Default: they hold nothing. */
  readonly close?: () => Promise<unknown>
}

/**
 * Builds and starts a service that hears messages and does nothing else. Any number of it may run beside each other. Rejects as
 * `wire` does; the process is to end then.
 */
export async function createWorkerService<S extends Service>(
  service: S,
  { config, log, giveUp }: WorkerServiceBase,
  wire: (database: Database) => WorkerParts<S> | Promise<WorkerParts<S>>,
): Promise<RunningService> {
  const databaseUrl = config.DATABASE_URL.reveal()
  const database = connectDatabase({ url: databaseUrl, name: service, poolSize: config.DATABASE_POOL })
  const { handlers, concurrency, close } = await wire(database)
  const worker = startWorker({
    service,
    handlers,
    database,
    databaseUrl,
    redisUrl: config.REDIS_URL?.reveal(),
    log,
    concurrency,
    prefix: config.QUEUE_PREFIX,
    onWedged: giveUp,
  })
  return {
    ready: () => storeAnswers(database),
    async stop() {
      await worker.stop()
      await close?.()
      await database.close()
    },
  }
}
