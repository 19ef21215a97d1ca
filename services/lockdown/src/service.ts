import { connectDatabase, storeAnswers } from '@portcullis/db/connect'
import { lockdownFailpoints } from '@portcullis/domain/lockdown/failpoint'
import { createLockdownRunner } from '@portcullis/domain/lockdown/run'
import type { HandlersFor } from '@portcullis/queue/handler'
import { errorCodeOf } from '@portcullis/queue/settle'
import { startWorker } from '@portcullis/queue/worker'
import { createFailpoint } from '@portcullis/runtime/failpoint'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import type { LockdownConfig } from './config.ts'
import { handleRunLockdown } from './jobs/run.lockdown/handle.ts'
import { handleWatchLockdowns } from './jobs/watch.lockdowns/handle.ts'

/** Builds and starts the lockdown service. Any number may run beside each other. */
export async function createService({
  config,
  log,
  giveUp,
}: ServiceBase & { readonly config: LockdownConfig }): Promise<RunningService> {
  const databaseUrl = config.DATABASE_URL.reveal()
  const database = connectDatabase({ url: databaseUrl, name: 'lockdown', poolSize: config.DATABASE_POOL })
  if (config.FAILPOINT)
    log.warn({ failpoint: config.FAILPOINT.name }, 'a fail point is armed: this process will be killed')
  const run = createLockdownRunner({
    database,
    failpoint: createFailpoint(lockdownFailpoints, config.FAILPOINT),
    onStepFailed(error, lockdownId, step) {
      log.error({ err: error, lockdownId, step }, 'a step of a lockdown failed')
      return errorCodeOf(error)
    },
  })
  const handlers: HandlersFor<'lockdown'> = {
    'run.lockdown': handleRunLockdown({ run, leaseSeconds: config.LOCKDOWN_LEASE_SECONDS }),
    'watch.lockdowns': handleWatchLockdowns({ log }),
  }
  const worker = startWorker({
    service: 'lockdown',
    handlers,
    database,
    databaseUrl,
    redisUrl: config.REDIS_URL?.reveal(),
    log,
    concurrency: config.JOBS_AT_ONCE,
    prefix: config.QUEUE_PREFIX,
    onWedged: giveUp,
  })
  return {
    ready: () => storeAnswers(database),
    async stop() {
      await worker.stop()
      await database.close()
    },
  }
}
