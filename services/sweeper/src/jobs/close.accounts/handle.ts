import { type DueClosing, listDueClosings } from '@portcullis/db/queries/account-closing'
import type { Tx } from '@portcullis/db/transaction'
import { closeDue } from '@portcullis/domain/closing/close-due'
import { type Erased, eraseClosed, eraseClosedAudit } from '@portcullis/domain/closing/erase'
import type { Job, SequenceHandler, Step } from '@portcullis/queue/handler'
import { done } from '@portcullis/queue/outcome'
import type { Logger } from '@portcullis/runtime/log'
import { meter } from '@portcullis/runtime/metrics'

/** Rows of each kind in one short transaction. */
const chunkRows = 500

/** Closings that are looked at in one go. */
const pageRows = 100

const closedCounter = meter().createCounter('portcullis_accounts_closed', {
  description: 'Accounts of which a stage of closing was finished, by stage',
})

/** What `handleCloseAccounts` works with. */
export interface CloseAccountsDeps {
  readonly log: Logger
  /** Default 500. */
  readonly chunkRows?: number
}

/**
 * Closes the accounts that are due, erases those that are closed, and then their audit trail: short transactions, each of which
 * goes on where the last one stood, whoever did it. One that fails does not keep the others waiting.
 */
export function handleCloseAccounts({
  log,
  chunkRows: most = chunkRows,
}: CloseAccountsDeps): SequenceHandler<'close.accounts'> {
  async function chunks(step: Step, work: (tx: Tx) => Promise<Erased>, stage: string): Promise<boolean> {
    for (;;) {
      const erased = await step(work)
      if (erased === 'done') closedCounter.add(1, { stage })
      if (erased !== 'more') return erased === 'done'
    }
  }

  async function goOn(closing: DueClosing, job: Job<'close.accounts'>, step: Step): Promise<void> {
    let { state } = closing
    if (state === 'pending') {
      const closed = await step((tx) => closeDue(tx, closing, job.traceparent))
      if (closed !== 'closed') return
      closedCounter.add(1, { stage: 'closed' })
      state = 'closed'
    }
    if (state === 'closed') {
      if (!(await chunks(step, (tx) => eraseClosed(tx, closing, most), 'erased'))) return
      log.info({ closingId: closing.id }, 'an account was erased')
    }
    await chunks(step, (tx) => eraseClosedAudit(tx, closing, most), 'audit')
  }

  return {
    kind: 'sequence',
    leaseSeconds: 30,
    async run(job, step) {
      const failures: unknown[] = []
      for (let after: DueClosing | undefined; ;) {
        const from = after
        const page = await step((tx) => listDueClosings(tx, from, pageRows))
        for (const closing of page) await goOn(closing, job, step).catch((error: unknown) => failures.push(error))
        after = page.at(-1)
        if (page.length < pageRows || failures.length > pageRows) break
      }
      if (failures.length > 0) throw failures[0]
      return done
    },
  }
}
