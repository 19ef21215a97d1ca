import { lockdownFailpoints } from '@portcullis/domain/lockdown/failpoint'
import { createLockdownRunner } from '@portcullis/domain/lockdown/run'
import type { HandlersFor } from '@portcullis/queue/handler'
import { errorCodeOf } from '@portcullis/queue/settle'
import { createWorkerService } from '@portcullis/queue/worker-service'
import { createFailpoint } from '@portcullis/runtime/failpoint'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import type { LockdownConfig } from './config.ts'
import { handleRunLockdown } from './jobs/run.lockdown/handle.ts'
import { handleWatchLockdowns } from './jobs/watch.lockdowns/handle.ts'

/** Builds and starts the lockdown service. Any number may run beside each other. */
export function createService(base: ServiceBase & { readonly config: LockdownConfig }): Promise<RunningService> {
  const { config, log } = base
  return createWorkerService('lockdown', base, (database) => {
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
    return { handlers, concurrency: config.JOBS_AT_ONCE }
  })
}
