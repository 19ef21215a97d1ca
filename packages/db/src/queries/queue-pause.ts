import type { Id } from '@portcullis/contracts/ids'
import { type MessageName, messages } from '@portcullis/contracts/messages/index'
import type { Message } from '@portcullis/contracts/messages/message'
import type { Service } from '@portcullis/contracts/service'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** What stands for every message of a queue. */
export const wholeQueue = '*'

const neverPaused = Object.values<Message>(messages).filter((message) => message.neverPaused === true)

/** Messages that go on though their whole queue is paused, and the services that hear one of them. */
export const unpausable = {
  messages: neverPaused.map((message) => message.name),
  hearers: [...new Set(neverPaused.flatMap((message) => message.heardBy))],
} as const

/** A queue that an operator has paused, or one message of it. */
export interface QueuePause {
  readonly hearer: Service
  /** `*`: all of them. */
  readonly message: MessageName | typeof wholeQueue
  readonly reason: string
  /** Null: by the command line. */
  readonly pausedBy: Id<'account'> | null
  readonly pausedAt: Date
}

/**
 * Lets nobody hand out jobs until this transaction ends: every claim reads the pauses, so it waits here for those under way, and
 * those that come later find what this one has written. Locks of accounts are taken before.
 */
export async function lockQueuePauses(tx: Tx): Promise<void> {
  await tx.sql.unsafe('lock table queue_pauses in access exclusive mode')
}

/** Pauses a queue, or one message of it; a second time says why anew. */
export async function upsertQueuePause(tx: Tx, pause: Omit<QueuePause, 'pausedAt'>): Promise<void> {
  await tx.sql`
    insert into queue_pauses (hearer, message, reason, paused_by)
    values (${pause.hearer}, ${pause.message}, ${pause.reason}, ${pause.pausedBy})
    on conflict (hearer, message)
      do update set reason = excluded.reason, paused_by = excluded.paused_by, paused_at = now()`
}

/** Ends pauses of a queue: the one of a message, or all. Returns what was paused. */
export async function deleteQueuePauses(
  tx: Tx,
  hearer: Service,
  message: MessageName | undefined,
): Promise<QueuePause['message'][]> {
  const rows = await tx.sql<Pick<QueuePause, 'message'>[]>`
    delete from queue_pauses
    where hearer = ${hearer} and (${message ?? null}::text is null or message = ${message ?? null}) returning message`
  if (rows.length > 0) tx.wakeAfterCommit()
  return rows.map((row) => row.message)
}

/**
 * Puts back what a paused queue was handed and nobody has begun: what lies in Redis of it is out of date, and ignored. Returns
 * how many. Uses `jobs_published`.
 */
export async function takeBackPausedJobs(tx: Tx, hearer: Service, message: QueuePause['message']): Promise<number> {
  const rows = await tx.sql`
    with mine as (
      select id from jobs
      where state = 'published' and hearer = ${hearer} and lease_until is null
        and (${message} = ${wholeQueue} or message = ${message}) and message <> all(${unpausable.messages})
      for update skip locked
    )
    update jobs set state = 'pending', published_at = null from mine where jobs.id = mine.id returning jobs.id`
  return rows.length
}

/** Lists all pauses, as many as there are messages and services at most. */
export async function listQueuePauses(queries: Queries): Promise<QueuePause[]> {
  const rows = await queries.sql<QueuePause[]>`
    select hearer, message, reason, paused_by as "pausedBy", paused_at as "pausedAt" from queue_pauses
    order by hearer, message limit 200`
  return [...rows]
}
