import type { Id } from '@portcullis/contracts/ids'
import { upsertMailDeliveries } from '@portcullis/db/queries/mail-delivery'
import type { Tx } from '@portcullis/db/transaction'
import { newUuid } from '@portcullis/runtime/id'

/** A mail that a job is about to send. */
export interface IntendedMail {
  readonly jobId: Id<'job'>
  readonly template: string
  /** The same for every repeat: receivers tell duplicates by it. */
  readonly messageId: string
}

/** Writes down the intent before anything is sent: what happened after a crash can then be asked. */
export async function intendMails(tx: Tx, mails: readonly IntendedMail[]): Promise<void> {
  await upsertMailDeliveries(
    tx,
    mails.map((mail) => ({ id: newUuid(), ...mail })),
  )
}
