import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import {
  type ItemDecision,
  lockLockedAccount,
  type RecoveringLockdown,
  updateRecovered,
  updateRecoveryStage,
} from '@portcullis/db/queries/lockdown-recovery'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { findRecovery, recordRecovery, type RecoveryRefusal } from './recover-begin.ts'
import { prepareEnrolment, writeEnrolment } from './recover-enrolment.ts'
import type { NextStage, RecoveryDeps } from './recover-password.ts'
import { decideItems } from './review.ts'

/** What came of the review. */
export type RecoveryReview =
  | { readonly kind: 'recovered' }
  /** The factor that was kept was undone: another must be enrolled first. */
  | Extract<NextStage, { kind: 'second_factor' }>
  | RecoveryRefusal
  /** An item of that id is not among those of this lockdown. */
  | { readonly kind: 'unknown_item'; readonly place: number }

/** Decides on what happened and ends the recovery: the account is active from the commit on, once, and its owner is told. */
export async function recoverReview(
  deps: RecoveryDeps,
  id: Id<'lockdown'>,
  input: { readonly grant: string; readonly decisions: readonly ItemDecision[] },
  caller: Caller,
): Promise<RecoveryReview> {
  const found = await findRecovery(deps.database, id, input.grant, caller)
  if (found.kind !== 'found') return found
  const { lockdown, grantHash } = found
  const stage = { id, grantHash, from: 'review', to: 'review' } as const
  return inTransaction(deps.database, async (tx): Promise<RecoveryReview> => {
    if (!(await lockLockedAccount(tx, lockdown.accountId))) return { kind: 'token_invalid' }
    // What is still being gathered would never be looked at.
    if (!lockdown.gathered || !(await updateRecoveryStage(tx, stage))) return { kind: 'out_of_order' }
    const decided = await decideItems(tx, lockdown, input.decisions, caller)
    if (decided.kind === 'unknown_item') return decided
    if (decided.factorUndone) return enrolAnew(tx, deps, lockdown, grantHash)
    if (!(await updateRecovered(tx, stage))) throw new Failure('out_of_order')
    await recordRecovery(tx, lockdown, 'account_recovered', caller, decided.counts)
    await notifyOwner(tx, { accountId: lockdown.accountId, kind: 'account_recovered', caller, lockdownId: id })
    tx.wakeAfterCommit()
    return { kind: 'recovered' }
  })
}

async function enrolAnew(
  tx: Tx,
  deps: RecoveryDeps,
  lockdown: RecoveringLockdown,
  grantHash: Buffer,
): Promise<RecoveryReview> {
  const enrolment = prepareEnrolment(deps, lockdown)
  await updateRecoveryStage(tx, { id: lockdown.id, grantHash, from: 'review', to: 'second_factor' })
  await writeEnrolment(tx, lockdown, enrolment)
  return { kind: 'second_factor', enrolment: enrolment.shown, factor: 'enrol' }
}
