import { deleteOldIdempotencyKeys } from '@portcullis/db/queries/idempotency-key'
import { deleteOldKnownDevices } from '@portcullis/db/queries/known-device'
import { deleteOldChallenges } from '@portcullis/db/queries/login-challenge'
import { deleteOldMailDeliveries } from '@portcullis/db/queries/mail-delivery'
import { deleteOldNotices } from '@portcullis/db/queries/notice'
import { deleteOldRegistrations } from '@portcullis/db/queries/registration'
import { deleteOldCounters } from '@portcullis/db/queries/throttle'
import type { Tx } from '@portcullis/db/transaction'

/** Mail records are kept so long. */
const mailDays = 30
/** Notices are kept as long as login history is shown. */
const noticeDays = 90

/** A browser that was not seen for so long is a new one. */
const deviceDays = 180

/** One chunk of tidying; returns how many rows left. Less than `most` means that it is done. */
export async function purgeCorrespondence(tx: Tx, most: number): Promise<number> {
  const gone = [
    await deleteOldRegistrations(tx, most),
    await deleteOldMailDeliveries(tx, mailDays, most),
    await deleteOldNotices(tx, noticeDays, most),
    await deleteOldIdempotencyKeys(tx, most),
    await deleteOldChallenges(tx, most),
    await deleteOldKnownDevices(tx, deviceDays, most),
    await deleteOldCounters(tx, most),
  ]
  return Math.max(...gone)
}
