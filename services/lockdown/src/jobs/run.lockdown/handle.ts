import type { createLockdownRunner } from '@portcullis/domain/lockdown/run'
import type { SequenceHandler } from '@portcullis/queue/handler'
import { done, failed, type Outcome, skip } from '@portcullis/queue/outcome'

/** What the handler works with. */
export interface RunLockdownDeps {
  readonly run: ReturnType<typeof createLockdownRunner>
  readonly leaseSeconds: number
}

/**
 * Carries a lockdown as far as it can come now. Steps that wait for others end the job: whoever fulfils one says
 * `run.lockdown` again in the same transaction. A step that failed is tried again, with growing pauses.
 */
export function handleRunLockdown({ run, leaseSeconds }: RunLockdownDeps): SequenceHandler<'run.lockdown'> {
  return {
    kind: 'sequence',
    leaseSeconds,
    // The steps need no lease: each locks the account, and does nothing that was done before. See README.
    async run(job, _step, signal): Promise<Outcome> {
      const progress = await run(job.payload.lockdownId, signal)
      if (progress.kind === 'gone') return skip('gone')
      return progress.kind === 'unproven' ? failed(`step_${progress.steps[0] ?? 'unproven'}`) : done
    },
  }
}
