import { type SweepName, sweepNames } from '@portcullis/contracts/sweep-name'
import { deleteOldClosings } from '@portcullis/db/queries/account-closing'
import { deleteExpiredExports } from '@portcullis/db/queries/account-export'
import { deleteOldIdempotencyKeys } from '@portcullis/db/queries/idempotency-key'
import { deleteOldJobs } from '@portcullis/db/queries/job-upkeep'
import { deleteOldKnownDevices } from '@portcullis/db/queries/known-device'
import { deleteOldChallenges } from '@portcullis/db/queries/login-challenge'
import { deleteOldMailDeliveries } from '@portcullis/db/queries/mail-delivery'
import { deleteOldNotices } from '@portcullis/db/queries/notice'
import { deleteOldResets, voidExpiredResets } from '@portcullis/db/queries/password-reset'
import { deleteOldRegistrations } from '@portcullis/db/queries/registration'
import type { SessionLimits } from '@portcullis/db/queries/session'
import { deleteEndedRentals, deleteOverApiKeys, deletePendingFactors } from '@portcullis/db/queries/sweep-credential'
import {
  deleteOldDeliveries,
  deleteOldLogins,
  deleteOldOperations,
  deleteOldSignals,
} from '@portcullis/db/queries/sweep-history'
import { deleteEndedSessions, type SweptChunk, sweepSessions } from '@portcullis/db/queries/sweep-session'
import { deleteOldCounters } from '@portcullis/db/queries/throttle'
import type { Tx } from '@portcullis/db/transaction'
import { finishEmailChanges } from '../email/finish-changes.ts'
import { passwordRule } from '../throttle/rules.ts'
import type { Retention } from './retention.ts'

/** Takes one chunk of a sweep: at most so many rows, from where the last chunk ended. Fewer than `most`: nothing is left. */
export type TakeChunk = (tx: Tx, most: number, from: string | undefined) => Promise<SweptChunk>

/** One sweep: what leaves, chunk by chunk. */
export interface Sweep {
  readonly name: SweepName
  readonly take: TakeChunk
}

/** Pending enrolments live 10 minutes; the sealed secret leaves a day later. */
const pendingFactorDays = 1

/** Every sweep of the house, in the order in which they run. Each query names the index that it goes by. */
export function createSweeps(retention: Retention, limits: SessionLimits): readonly Sweep[] {
  const { idleSeconds } = limits
  const counted =
    (work: (tx: Tx, most: number) => Promise<number>): TakeChunk =>
    async (tx, most) => ({ rows: await work(tx, most), last: undefined })
  const takes: Readonly<Record<SweepName, TakeChunk>> = {
    'sessions.idle': (tx, most, from) => sweepSessions(tx, { by: 'last_seen_at', idleSeconds }, most, from),
    'sessions.expired': (tx, most, from) => sweepSessions(tx, { by: 'expires_at' }, most, from),
    'sessions.ended': counted((tx, most) => deleteEndedSessions(tx, retention.credentialDays, most)),
    'api-keys.over': counted((tx, most) => deleteOverApiKeys(tx, retention.credentialDays, most)),
    // Ends the token, and forgets where it was asked from.
    'resets.expired': counted(async (tx, most) => (await voidExpiredResets(tx, most)).length),
    'resets.old': counted((tx, most) => deleteOldResets(tx, retention.resetDays, most)),
    'registrations.old': counted(deleteOldRegistrations),
    'challenges.old': counted(deleteOldChallenges),
    'second-factors.pending': counted((tx, most) => deletePendingFactors(tx, pendingFactorDays, most)),
    'email-changes.over': counted(finishEmailChanges),
    'idempotency-keys.old': counted(deleteOldIdempotencyKeys),
    'throttles.old': counted((tx, most) => deleteOldCounters(tx, passwordRule.hardMost, most)),
    'devices.unseen': counted((tx, most) => deleteOldKnownDevices(tx, retention.deviceDays, most)),
    'logins.old': counted((tx, most) => deleteOldLogins(tx, retention.loginDays, most)),
    'notices.old': counted((tx, most) => deleteOldNotices(tx, retention.noticeDays, most)),
    'mails.old': counted((tx, most) => deleteOldMailDeliveries(tx, retention.deliveryDays, most)),
    'webhook-deliveries.old': counted((tx, most) => deleteOldDeliveries(tx, retention.deliveryDays, most)),
    'signals.old': counted((tx, most) => deleteOldSignals(tx, retention.signalDays, most)),
    'rentals.ended': counted((tx, most) => deleteEndedRentals(tx, retention.rentalDays, most)),
    'exports.expired': counted(deleteExpiredExports),
    'closings.old': counted((tx, most) => deleteOldClosings(tx, retention.operationDays, most)),
    'operations.old': counted((tx, most) => deleteOldOperations(tx, retention.operationDays, most)),
    'jobs.over': counted((tx, most) => deleteOldJobs(tx, retention.ledgerDays, most)),
  }
  return sweepNames.map((name) => ({ name, take: takes[name] }))
}
