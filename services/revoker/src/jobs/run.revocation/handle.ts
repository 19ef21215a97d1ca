import type { SequenceHandler } from '@portcullis/queue/handler'
import { done, later, type Outcome, skip } from '@portcullis/queue/outcome'
import type { RunShard } from '../../run-shard.ts'

/** What the handler works with. */
export interface RunRevocationDeps {
  readonly run: RunShard
  readonly leaseSeconds: number
}

/** While the store lags a shard is put off, and looked at again after so long. */
const heldMs = 2000

/**
 * Works off one shard of a bulk revocation, chunk by chunk. One that is paused ends the job: whoever resumes it says
 * `run.revocation` anew in the same transaction.
 */
export function handleRunRevocation({ run, leaseSeconds }: RunRevocationDeps): SequenceHandler<'run.revocation'> {
  return {
    kind: 'sequence',
    leaseSeconds,
    async run({ payload }, step, signal): Promise<Outcome> {
      const end = await run({ id: payload.revocationId, shard: payload.shard }, step, signal)
      if (end.kind === 'held') return later(heldMs, end.code)
      return end.kind === 'resting' ? skip('resting') : done
    },
  }
}
