import { Failure } from '@portcullis/contracts/errors'
import type { MessageName } from '@portcullis/contracts/messages/index'
import type { Service } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import {
  deleteQueuePauses,
  lockQueuePauses,
  takeBackPausedJobs,
  upsertQueuePause,
  wholeQueue,
} from '@portcullis/db/queries/queue-pause'
import { inTransaction } from '@portcullis/db/transaction'
import { newUuid } from '@portcullis/runtime/id'
import { recordFacts } from '../audit/record.ts'
import { enqueue } from '../job/enqueue.ts'
import { type Operator, requireOperator } from '../job/operator.ts'
import { isNeededByLockdowns, type PauseFault, pauseFault } from './rules.ts'

/** What an operator wants of a queue, and why. `message` absent: all of it. */
export interface QueueDecision {
  readonly operator: Operator
  readonly queue: Service
  readonly message: MessageName | undefined
  readonly reason: string
}

const faultDetails: Record<PauseFault, string> = {
  not_heard: 'must be a message of this queue',
  never_paused: 'cannot be paused: support is told by it',
}

/**
 * Pauses a queue, or one message of it: from the commit on no relay and no worker hands out anything of it, and what was handed out
 * and not begun is taken back. Audited; where lockdowns need it that is critical, and support is told.
 * Throws `Failure`: `validation_failed`.
 */
export async function pauseQueue(database: Database, decision: QueueDecision): Promise<void> {
  const { operator, queue, message, reason } = decision
  requireHeard(queue, message)
  await inTransaction(database, async (tx) => {
    const asOperator = await requireOperator(tx, operator, 'queues.pause')
    await lockQueuePauses(tx)
    const which = message ?? wholeQueue
    const pausedBy = operator.kind === 'staff' ? operator.session.accountId : null
    await upsertQueuePause(tx, { hearer: queue, message: which, reason, pausedBy })
    const takenBack = await takeBackPausedJobs(tx, queue, which)
    const critical = isNeededByLockdowns(queue, message)
    const pauseId = newUuid()
    const subject = { kind: 'queue_pause', id: pauseId }
    const details = { queue, message: which, takenBack, critical, reason }
    await recordFacts(tx, [asOperator({ action: 'queue_paused', subject, details })])
    if (critical) await enqueue(tx, 'tell.support', { pauseId, queue, message: which }, traceOf(operator))
  })
}

/** Ends the pause of a message, or every pause of a queue. Audited where there was one. Throws `Failure`: `validation_failed`. */
export async function resumeQueue(database: Database, decision: QueueDecision): Promise<void> {
  const { operator, queue, message, reason } = decision
  requireHeard(queue, message)
  await inTransaction(database, async (tx) => {
    const asOperator = await requireOperator(tx, operator, 'queues.pause')
    const ended = await deleteQueuePauses(tx, queue, message)
    const subject = { kind: 'queue_pause', id: newUuid() }
    const details = { queue, messages: ended, reason }
    if (ended.length > 0) await recordFacts(tx, [asOperator({ action: 'queue_resumed', subject, details })])
  })
}

function requireHeard(queue: Service, message: MessageName | undefined): void {
  const code = pauseFault(queue, message)
  if (code === undefined) return
  throw new Failure('validation_failed', { faults: [{ pointer: '/message', code, detail: faultDetails[code] }] })
}

function traceOf(operator: Operator): string | undefined {
  return operator.kind === 'staff' ? operator.caller.traceparent : undefined
}
