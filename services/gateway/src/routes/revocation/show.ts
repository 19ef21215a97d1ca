import { asId, formatId, type Id } from '@portcullis/contracts/ids'
import type { RevocationEvent, RevocationRow } from '@portcullis/db/queries/revocation'
import type { SampledAccount, TargetRow } from '@portcullis/db/queries/revocation-target'
import { estimateSeconds, maskEmail } from '@portcullis/domain/revocation/rules'

/** A bulk revocation as admins see it. */
export function showRevocation(row: RevocationRow, lastPace?: number) {
  const { counts, done, total, perSecond } = row
  return {
    id: formatId('revocation', row.id),
    operationId: formatId('operation', asId('operation', row.id)),
    state: row.state,
    selector: { ...row.selector },
    kinds: [...row.kinds],
    reason: row.reason,
    fence: row.fence,
    ratePerSecond: row.ratePerSecond,
    sparesOwnSession: row.sparesOwnSession,
    needsApproval: row.needsApproval,
    counts: { ...counts },
    progress: {
      done,
      total,
      perSecond: perSecond === null ? null : Math.round(perSecond * 10) / 10,
      remainingSeconds: perSecond === null ? null : Math.ceil((total - done) / perSecond),
    },
    estimatedSeconds: estimateSeconds(counts.sessions + counts.apiKeys + counts.sshKeys, row.ratePerSecond, lastPace),
    revoked: row.revoked && { ...row.revoked },
    restored: row.restored && { ...row.restored },
    createdBy: formatId('account', row.createdBy),
    approvedBy: who(row.approvedBy),
    startedBy: who(row.startedBy),
    undoneBy: who(row.undoneBy),
    createdAt: row.createdAt.toISOString(),
    approvedAt: when(row.approvedAt),
    startedAt: when(row.startedAt),
    endedAt: when(row.endedAt),
    undoUntil: when(row.undoUntil),
    undoneAt: when(row.undoneAt),
  }
}

/** An account of a sample; its address masked. */
export function showSampled({ accountId, emailKey, ...rest }: SampledAccount) {
  return { accountId: formatId('account', accountId), email: maskEmail(emailKey), ...rest }
}

/** What became of one target. */
export function showTarget({ accountId, doneAt, ...rest }: TargetRow) {
  return { accountId: formatId('account', accountId), ...rest, doneAt: when(doneAt) }
}

/** One event of its story. */
export function showRevocationEvent(event: RevocationEvent) {
  return {
    id: formatId('auditEvent', event.id),
    at: event.occurredAt.toISOString(),
    action: event.action,
    actor: event.actor,
    actorId: who(event.actorId === null ? null : asId('account', event.actorId)),
    details: event.details,
  }
}

function who(id: Id<'account'> | null): string | null {
  return id === null ? null : formatId('account', id)
}

function when(at: Date | null): string | null {
  return at?.toISOString() ?? null
}
