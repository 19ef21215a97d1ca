import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import {
  applyResetDecisions,
  listRecentResets,
  listResetsForUpdate,
  type ResetDecision,
  type ResetWithAccount,
} from '@portcullis/db/queries/password-reset'
import type { Tx } from '@portcullis/db/transaction'
import { newTraceparent } from '@portcullis/runtime/tracing'
import { type Fact, recordFacts } from '../audit/record.ts'
import { mailRecoveryAgain } from '../lockdown/mail-again.ts'
import { type MailedToken, type TokenKeys, tokenOfRow } from '../token/mailed-token.ts'
import { judgeResets, type ResetVerdict } from './rules.ts'

/** Settings of the reset mail. */
export interface ResetSettings extends TokenKeys {
  readonly validMinutes: number
  /** Mails to one recipient within an hour, whoever asks and however many workers there are. */
  readonly limitPerHour: number
}

/** A reset mail that is ready to be sent. Holds the token: stays in memory. */
export interface ResetMail {
  readonly resetId: Id<'passwordReset'>
  readonly accountId: Id<'account'>
  readonly email: string
  readonly name: string
  /** The owner's, see `readLanguage`. */
  readonly language: string
  readonly token: string
  readonly requestedAt: Date
  readonly ip: string | null
  readonly userAgent: string | null
}

/** What became of a request: a mail to send, or why there is none. */
export type PreparedReset =
  | { readonly kind: 'mail'; readonly mail: ResetMail }
  | { readonly kind: 'none'; readonly why: Exclude<ResetVerdict, 'mail' | 'mail_again'> }

/** Names of the facts that decisions make. */
const actions: Partial<Record<ResetVerdict, AuditAction>> = {
  mail: 'authn_token_created',
  unknown: 'authn_password_reset_unmatched',
  limited: 'excess_rate_limit_exceeded',
  superseded: 'authn_password_reset_superseded',
  locked: 'account_recovery_requested',
}

/**
 * Decides on requests for reset mails and makes their tokens, in the caller's transaction: finds the accounts, holds
 * the limit per recipient, voids older tokens, stores only the hash of the new one. Repeated after a crash it gives
 * the same token again. Answers in no particular order, by id; a request that is gone is missing.
 */
export async function prepareResets(
  tx: Tx,
  ids: readonly Id<'passwordReset'>[],
  settings: ResetSettings,
): Promise<Map<Id<'passwordReset'>, PreparedReset>> {
  const resets = await listResetsForUpdate(tx, ids)
  const accountIds = new Set(resets.flatMap((reset) => reset.accountId ?? []))
  const recent = await listRecentResets(tx, [...accountIds])
  const verdicts = judgeResets(resets, recent, settings.limitPerHour)

  const prepared = new Map<Id<'passwordReset'>, PreparedReset>()
  const decisions: ResetDecision[] = []
  const facts: Fact[] = []
  for (const reset of resets) {
    const verdict = verdicts.get(reset.id) ?? 'superseded'
    const token = tokenOfRow(settings, 'password-reset', reset)
    prepared.set(reset.id, answer(reset, verdict, token))
    if (reset.state !== 'requested') continue
    decisions.push(decide(reset, verdict, token))
    facts.push({
      action: actions[verdict] ?? 'authn_password_reset_superseded',
      accountId: reset.accountId,
      actor: 'system',
      subject: { kind: 'password_reset', id: reset.id },
      details: verdict === 'mail' ? { purpose: 'password-reset', validMinutes: settings.validMinutes } : {},
    })
  }
  await applyResetDecisions(tx, decisions, settings.validMinutes)
  await recordFacts(tx, facts)
  for (const reset of lockedOf(resets, verdicts)) {
    if (reset.accountId === null) continue
    const caller = { ip: reset.ip, userAgent: reset.userAgent, traceparent: newTraceparent() }
    await mailRecoveryAgain(tx, reset.accountId, caller, settings.limitPerHour)
  }
  return prepared
}

/** The newest request for each locked account. */
function lockedOf(
  resets: readonly ResetWithAccount[],
  verdicts: ReadonlyMap<Id<'passwordReset'>, ResetVerdict>,
): ResetWithAccount[] {
  const locked = resets.filter((reset) => verdicts.get(reset.id) === 'locked')
  return [...new Map(locked.map((reset) => [reset.accountId, reset])).values()]
}

function answer(reset: ResetWithAccount, verdict: ResetVerdict, made: MailedToken): PreparedReset {
  if (verdict !== 'mail' && verdict !== 'mail_again') return { kind: 'none', why: verdict }
  const { accountId, email, name, language } = reset
  if (accountId === null || email === null || name === null || language === null)
    return { kind: 'none', why: 'unknown' }
  const { requestedAt, ip, userAgent } = reset
  return {
    kind: 'mail',
    mail: { resetId: reset.id, accountId, email, name, language, token: made.token, requestedAt, ip, userAgent },
  }
}

function decide(reset: ResetWithAccount, verdict: ResetVerdict, made: MailedToken): ResetDecision {
  const { id, accountId } = reset
  if (verdict === 'mail') return { id, accountId, state: 'ready', tokenHash: made.hash }
  const state = verdict === 'unknown' || verdict === 'limited' ? verdict : 'void'
  return { id, accountId: verdict === 'unknown' ? null : accountId, state, tokenHash: null }
}
