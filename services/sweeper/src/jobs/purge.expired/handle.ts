import { retentionSweepNames } from '@portcullis/contracts/sweep-name'
import type { Sweep } from '@portcullis/domain/sweep/catalogue'
import type { SequenceHandler } from '@portcullis/queue/handler'
import { done } from '@portcullis/queue/outcome'
import type { RunSweep } from '../../run-sweep.ts'

/** Ends and deletes whatever has outlived its use, one kind after another, chunk by chunk. */
export function handlePurgeExpired(sweeps: readonly Sweep[], run: RunSweep): SequenceHandler<'purge.expired'> {
  return {
    kind: 'sequence',
    leaseSeconds: 30,
    async run({ payload }, step, signal) {
      for (const name of payload.sweep ? [payload.sweep] : retentionSweepNames) {
        const sweep = sweeps.find((one) => one.name === name)
        if (sweep) await run(sweep, step, signal)
      }
      return done
    },
  }
}
