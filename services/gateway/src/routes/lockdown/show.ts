import { formatId } from '@portcullis/contracts/ids'
import { lockdownSteps } from '@portcullis/contracts/lockdown-step'
import type { LockdownRow } from '@portcullis/db/queries/lockdown'
import type { LockdownItemRow } from '@portcullis/db/queries/lockdown-recovery'
import type { LockdownStepRow } from '@portcullis/db/queries/operation'
import type { LockdownReport } from '@portcullis/domain/lockdown/report'

/** A lockdown as its owner sees it. */
export function showLockdown(row: LockdownRow) {
  return {
    id: formatId('lockdown', row.id),
    trigger: row.trigger,
    state: row.state,
    recovery: row.recovery,
    compromisedSince: row.compromisedSince.toISOString(),
    joined: row.joined,
    openedAt: row.openedAt.toISOString(),
    containedAt: row.containedAt?.toISOString() ?? null,
    recoveredAt: row.recoveredAt?.toISOString() ?? null,
  }
}

/** A step with its proof; without `names` proofs tell numbers and truths only. */
export function showStep(row: LockdownStepRow, names: boolean) {
  return {
    step: row.step,
    title: lockdownSteps[row.step],
    state: row.state,
    attempts: row.attempts,
    counts: row.counts,
    proof: row.proof === null || names ? row.proof : plainOf(row.proof),
    errorCode: row.lastErrorCode,
    actedAt: row.actedAt?.toISOString() ?? null,
    provenAt: row.provenAt?.toISOString() ?? null,
  }
}

function plainOf(proof: Record<string, unknown>): Record<string, unknown> {
  const plain = Object.entries(proof).filter(([, value]) => typeof value === 'number' || typeof value === 'boolean')
  return Object.fromEntries(plain)
}

/** Something to look through. */
export function showItem(row: LockdownItemRow) {
  return {
    id: formatId('lockdownItem', row.id),
    kind: row.kind,
    subject: row.subject,
    occurredAt: row.occurredAt.toISOString(),
    summary: row.summary,
    suspect: row.suspect,
    decision: row.decision,
    decidedBy: row.decision === null ? null : row.decidedAt === null ? 'rule' : 'owner',
    decidedAt: row.decidedAt?.toISOString() ?? null,
  }
}

/** The whole report. */
export function showReport({ lockdown, timeline, steps, unconfirmedHosts, items }: LockdownReport) {
  return {
    ...showLockdown(lockdown),
    accountId: formatId('account', lockdown.accountId),
    reason: lockdown.reason,
    txn: lockdown.txn,
    snapshot: lockdown.snapshot,
    timeline: timeline.map((event) => ({
      id: formatId('auditEvent', event.id),
      at: event.at.toISOString(),
      milliseconds: event.milliseconds,
      action: event.action,
      actor: event.actor,
      subject: { kind: event.subjectKind, id: event.subjectId },
      details: event.details,
    })),
    steps: steps.map((step) => showStep(step, true)),
    unconfirmedHosts: unconfirmedHosts.map((one) => ({
      rentalId: one.rentalId,
      host: one.host,
      withdrawnAt: one.withdrawnAt.toISOString(),
      lastFetchedAt: one.lastFetchedAt?.toISOString() ?? null,
    })),
    items: items.map(showItem),
  }
}

/** A report as it is shown. */
export type ShownReport = ReturnType<typeof showReport>
