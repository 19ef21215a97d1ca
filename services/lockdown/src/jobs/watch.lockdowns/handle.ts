import { watchLockdowns } from '@portcullis/domain/lockdown/watch'
import { oneByOne, type TransactionHandler } from '@portcullis/queue/handler'
import { done } from '@portcullis/queue/outcome'
import type { Logger } from '@portcullis/runtime/log'
import { meter } from '@portcullis/runtime/metrics'

const uncontainedGauge = meter().createGauge('portcullis_lockdowns_uncontained', {
  description: 'Lockdowns that the last look of this process found not contained after half a minute',
})

/** Looks after every lockdown that is not contained, whatever became of its jobs. */
export function handleWatchLockdowns({ log }: { readonly log: Logger }): TransactionHandler<'watch.lockdowns'> {
  return {
    kind: 'transaction',
    work: oneByOne(async (tx, job) => {
      const lockdowns = await watchLockdowns(tx, job.traceparent)
      uncontainedGauge.record(lockdowns)
      if (lockdowns > 0) log.warn({ lockdowns }, 'lockdowns are not contained yet')
      return done
    }),
  }
}
