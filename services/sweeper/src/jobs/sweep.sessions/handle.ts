import { sessionSweepNames } from '@portcullis/contracts/sweep-name'
import type { Sweep } from '@portcullis/domain/sweep/catalogue'
import type { SequenceHandler } from '@portcullis/queue/handler'
import { done } from '@portcullis/queue/outcome'
import type { RunSweep } from '../../run-sweep.ts'

/** Takes away sessions that ran out, or were idle too long, chunk by chunk. A run that was cut is gone on with. */
export function handleSweepSessions(sweeps: readonly Sweep[], run: RunSweep): SequenceHandler<'sweep.sessions'> {
  return {
    kind: 'sequence',
    leaseSeconds: 30,
    async run({ payload }, step, signal) {
      for (const name of payload.sweep ? [payload.sweep] : sessionSweepNames) {
        const sweep = sweeps.find((one) => one.name === name)
        if (sweep) await run(sweep, step, signal)
      }
      return done
    },
  }
}
