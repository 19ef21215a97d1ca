import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import { revokeOtherSessions, revokeSessions } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import type { Fact } from '../audit/record.ts'

/** Whose sessions end, and why. */
export interface SessionsEnd {
  readonly accountId: Id<'account'>
  /** The session that lives on. Without it all end. */
  readonly kept?: Id<'session'> | undefined
  readonly because: string
  readonly by: Pick<Fact, 'actor' | 'actorId' | 'requestId'>
  /** What else is known of it. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * Ends sessions in the caller's transaction; returns how many, and the facts for the caller to record. That all have ended is one
 * fact about the account: receivers end whatever they hold of it. Where one lives on, each that ended is a fact of its own, so
 * that nobody ends the one that was kept. At most as many as an account may have. Source: OpenID CAEP 1.0 (session-revoked).
 */
export async function endSessions(
  tx: Tx,
  { accountId, kept, because, by, details }: SessionsEnd,
): Promise<{ readonly revoked: number; readonly facts: readonly Fact[] }> {
  const fact = (action: AuditAction, kind: string, id: string, more: Record<string, unknown>): Fact => ({
    ...by,
    action,
    accountId,
    subject: { kind, id },
    details: { because, ...more, ...details },
  })
  if (kept !== undefined) {
    const ended = await revokeOtherSessions(tx, accountId, because, kept)
    return { revoked: ended.length, facts: ended.map((id) => fact('session_revoked', 'session', id, {})) }
  }
  const revoked = await revokeSessions(tx, accountId, because)
  return { revoked, facts: revoked > 0 ? [fact('sessions_revoked', 'account', accountId, { revoked })] : [] }
}
