import type { Id } from '@portcullis/contracts/ids'
import type { LivingClient } from '@portcullis/db/queries/api-client'
import { lockAccountState } from '@portcullis/db/queries/lockdown'
import {
  findReferredSignal,
  findRiskStanding,
  insertRiskSignal,
  type NewRiskSignal,
  type RiskStanding,
  type RiskTaken,
  voidProofs,
} from '@portcullis/db/queries/risk-signal'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { openLockdown } from '../lockdown/open.ts'
import { notifyOwner } from '../notice/notify.ts'
import { judgeSignal, type RiskPolicy } from './rules.ts'

/** What the product says of an account. */
export type RiskReport = Pick<NewRiskSignal, 'accountId' | 'kind' | 'level' | 'reason' | 'reference' | 'occurredAt'>

/** What came of it. `elsewhere`: its reference names a signal of another account. */
export type TakenSignal =
  | { readonly kind: 'taken'; readonly id: Id<'riskSignal'>; readonly taken: RiskTaken }
  | { readonly kind: 'unknown' | 'elsewhere' }

/**
 * Takes a signal, in the caller's transaction: writes it down, does what the policy says and records it. A repeat by
 * reference is answered as the first, and does nothing. `unknown`: there is no such account, or it is disabled.
 */
export async function takeSignal(
  tx: Tx,
  policy: RiskPolicy,
  client: Pick<LivingClient, 'id'>,
  report: RiskReport,
  caller: Caller,
): Promise<TakenSignal> {
  const state = await lockAccountState(tx, report.accountId)
  if (state === undefined || state === 'disabled') return { kind: 'unknown' }
  const standing = await findRiskStanding(tx, report.accountId, policy.repeatSeconds)
  const signal = { ...report, clientId: client.id, id: newId('riskSignal') }
  const taken = judgeSignal(policy, report.level, state, standing)
  if (!(await insertRiskSignal(tx, { ...signal, taken }))) {
    const first = report.reference === null ? undefined : await findReferredSignal(tx, client.id, report.reference)
    if (first?.accountId !== report.accountId) return { kind: 'elsewhere' }
    return { kind: 'taken', id: first.id, taken: first.taken }
  }
  await act(tx, { ...signal, taken }, standing, unseen(caller))
  return { kind: 'taken', id: signal.id, taken }
}

async function act(tx: Tx, signal: NewRiskSignal, standing: RiskStanding, caller: Caller): Promise<void> {
  const { id, accountId, clientId, kind, level, reason, taken } = signal
  const by = { actor: 'api_client', actorId: clientId } as const
  const opened =
    taken === 'lockdown'
      ? await openLockdown(tx, { accountId, trigger: 'signal', reason, compromisedSince: null, ...by, caller })
      : undefined
  const stepped = taken === 'step_up' ? await voidProofs(tx, accountId) : undefined
  await recordFacts(tx, [
    {
      action: level === standing.level ? 'risk_reported' : 'risk_level_change',
      accountId,
      ...by,
      subject: { kind: 'risk_signal', id },
      requestId: caller.requestId,
      details: {
        kind,
        level,
        previousLevel: standing.level,
        reason,
        taken,
        ...(stepped !== undefined && { sessions: stepped }),
        // Of the lockdown: one cause, one `txn`.
        ...(opened && { lockdownId: opened.lockdown.id, txn: opened.lockdown.txn }),
      },
    },
  ])
  if (taken === 'notice' || taken === 'step_up') await notifyOwner(tx, { accountId, kind: 'risk_reported', caller })
}

/** The network and the program of a back end are no news to the owner. */
function unseen(caller: Caller): Caller {
  return { ...caller, ip: null, userAgent: null }
}
