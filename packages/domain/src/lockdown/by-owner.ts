import type { LivingSession } from '@portcullis/db/queries/session'
import { inTransaction } from '@portcullis/db/transaction'
import type { Caller } from '../caller.ts'
import { proofSeconds } from '../session/limits.ts'
import type { SecondFactorDeps } from '../two-factor/check.ts'
import { checkOneFactor } from './one-factor.ts'
import { type OpenedLockdown, openLockdown } from './open.ts'

/** What an owner says when locking their own account. */
export interface OwnLockdownInput {
  readonly reason: string | null
  readonly compromisedSince: Date | null
  readonly password?: string | undefined
  readonly code?: string | undefined
}

/** What came of it. */
export type OwnLockdown =
  | { readonly kind: 'locked'; readonly opened: OpenedLockdown }
  /** The session was proved too long ago, and no factor was sent beside. */
  | { readonly kind: 'proof_needed' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/**
 * Locks the account of a session whose owner says "compromised". A session proved within 10 minutes is factor enough; an
 * older one brings password or code (NIST SP 800-63B-4 4.3). Whoever holds the session can lock and gains nothing by it.
 */
export async function lockByOwner(
  deps: SecondFactorDeps,
  session: LivingSession,
  input: OwnLockdownInput,
  caller: Caller,
): Promise<OwnLockdown> {
  const { accountId } = session
  const fresh = session.provedSecondsAgo <= proofSeconds
  // What is sent is checked, fresh or not: a wrong password that locks all the same would surprise.
  const factor = await checkOneFactor(deps, accountId, `proof|session|${session.id}`, input)
  if (factor.kind === 'wait') return factor
  if (factor.kind === 'refused') return { kind: 'refused' }
  if (factor.kind === 'none' && !fresh) return { kind: 'proof_needed' }
  return inTransaction(deps.database, async (tx): Promise<OwnLockdown> => {
    const { reason, compromisedSince } = input
    const opened = await openLockdown(tx, {
      accountId,
      trigger: 'owner',
      reason,
      compromisedSince,
      actor: 'account',
      actorId: accountId,
      caller,
    })
    if (!opened) return { kind: 'gone' }
    // Used up after the lock of the account, as everywhere. One that another request used is none: nothing is locked by it.
    if (factor.kind === 'fits' && !(await factor.useUp(tx)) && !fresh) throw new UsedMeanwhile()
    tx.wakeAfterCommit()
    return { kind: 'locked', opened }
  }).catch((error: unknown) => {
    if (error instanceof UsedMeanwhile) return { kind: 'refused' }
    throw error
  })
}

/** Rolls the lock back. */
class UsedMeanwhile extends Error {}
