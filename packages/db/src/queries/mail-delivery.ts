import type { Id } from '@portcullis/contracts/ids'
import type { Tx } from '../transaction.ts'
import { oldestIdWithin } from './age.ts'

/** A mail about to be handed over. */
export interface NewMailDelivery {
  readonly id: string
  readonly jobId: Id<'job'>
  readonly template: string
  readonly messageId: string
}

/** Records the intent to send, before anything is sent. A repeat of the same job finds its row and counts one more. */
export async function upsertMailDeliveries(tx: Tx, mails: readonly NewMailDelivery[]): Promise<void> {
  if (mails.length === 0) return
  await tx.sql`
    insert into mail_deliveries (id, job_id, template, message_id)
    select * from unnest(
      ${mails.map((mail) => mail.id)}::uuid[], ${mails.map((mail) => mail.jobId)}::uuid[],
      ${mails.map((mail) => mail.template)}::text[], ${mails.map((mail) => mail.messageId)}::text[])
    on conflict (job_id) do update set attempts = mail_deliveries.attempts + 1`
}

/** How handing over ended. */
export interface MailResult {
  readonly jobId: Id<'job'>
  /** Null: taken by the mail server. Else the status with which it refused for good. */
  readonly refusedStatus: number | null
}

/** Records what became of mails. */
export async function updateMailDeliveries(tx: Tx, results: readonly MailResult[]): Promise<void> {
  if (results.length === 0) return
  await tx.sql`
    update mail_deliveries set refused_status = result.refused_status,
      sent_at = case when result.refused_status is null then now() end
    from unnest(${results.map((one) => one.jobId)}::uuid[], ${results.map((one) => one.refusedStatus)}::int[])
      as result (job_id, refused_status)
    where mail_deliveries.job_id = result.job_id`
}

/** Deletes up to `most` records older than `days`. */
export async function deleteOldMailDeliveries(tx: Tx, days: number, most: number): Promise<number> {
  const rows = await tx.sql`
    with old as (
      select id from mail_deliveries where id < ${oldestIdWithin(tx, days)}
      order by id limit ${most} for update skip locked
    )
    delete from mail_deliveries using old where mail_deliveries.id = old.id returning mail_deliveries.id`
  return rows.length
}
