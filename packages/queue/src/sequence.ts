import type { MessageName } from '@portcullis/contracts/messages/index'
import type { Database } from '@portcullis/db/connect'
import { extendLease } from '@portcullis/db/queries/job'
import { inTransaction } from '@portcullis/db/transaction'
import type { Logger } from '@portcullis/runtime/log'
import type { Ended, Leased } from './ending.ts'
import type { SequenceHandler, Step } from './handler.ts'
import { failed, later, type Outcome } from './outcome.ts'
import { errorCodeOf } from './settle.ts'

/** What a sequence runs with. */
export interface SequenceOptions {
  readonly database: Database
  readonly log: Logger
  /** Aborted, with a `WorkerStopping`, when the worker drains. */
  readonly stopping: AbortSignal
}

/** An execution that is the newest no more: it must write nothing. */
class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/** The worker drains: long work ends at its next step and is taken up by another. */
export class WorkerStopping extends Error {
  override readonly name = 'WorkerStopping'
}

/** Runs a sequence to its end, or as far as its worker lives. Never rejects. */
export async function runSequence(
  handler: SequenceHandler<MessageName>,
  leased: Leased,
  options: SequenceOptions,
): Promise<Ended> {
  const { job } = leased.read
  const step: Step = (work) =>
    inTransaction(options.database, async (tx) => {
      options.stopping.throwIfAborted()
      if (!(await extendLease(tx, leased.owned, handler.leaseSeconds))) throw new LeaseLost()
      return work(tx)
    })
  try {
    return { leased, outcome: await handler.run(job, step, options.stopping) }
  } catch (error) {
    const quiet = error instanceof LeaseLost || error instanceof WorkerStopping
    if (!quiet) options.log.warn({ err: error, jobId: job.id, message: job.message }, 'sequence failed')
    return { leased, outcome: outcomeOf(error) }
  }
}

function outcomeOf(error: unknown): Outcome {
  // Deploys must not use up the attempts of work that outlives them.
  return error instanceof WorkerStopping ? later(0, 'worker_stopping') : failed(errorCodeOf(error))
}
