import type { Id } from '@portcullis/contracts/ids'
import type { RecentResets, ResetWithAccount } from '@portcullis/db/queries/password-reset'

/** What the worker makes of a request. */
export type ResetVerdict =
  /** Make a token and mail it. */
  | 'mail'
  /** The mail of an earlier execution may not have left: send it again, same token, same Message-ID. */
  | 'mail_again'
  /** No account has this address: nothing is sent. */
  | 'unknown'
  /** The account is locked: no reset opens it, and its owner is mailed the way back in instead. */
  | 'locked'
  /** The recipient had enough mails within the hour. */
  | 'limited'
  /** A newer request, or a new password, has overtaken it. */
  | 'superseded'
  | 'expired'

/**
 * Decides on requests in the order in which they were asked for; pure.
 * Of several of one account the newest wins: an older token is void as soon as a newer one exists.
 */
export function judgeResets(
  resets: readonly ResetWithAccount[],
  recent: ReadonlyMap<Id<'account'>, RecentResets>,
  limitPerHour: number,
): Map<Id<'passwordReset'>, ResetVerdict> {
  const verdicts = new Map<Id<'passwordReset'>, ResetVerdict>()
  const newest = new Map<Id<'account'>, Id<'passwordReset'>>()
  for (const reset of resets) {
    if (reset.state === 'requested' && reset.accountId) newest.set(reset.accountId, reset.id)
  }
  for (const reset of resets) verdicts.set(reset.id, judge(reset, recent, newest, limitPerHour))
  return verdicts
}

function judge(
  reset: ResetWithAccount,
  recent: ReadonlyMap<Id<'account'>, RecentResets>,
  newest: ReadonlyMap<Id<'account'>, Id<'passwordReset'>>,
  limitPerHour: number,
): ResetVerdict {
  if (reset.state === 'ready' && reset.accountState !== 'active') return 'superseded'
  if (reset.state === 'ready') return reset.expired ? 'expired' : 'mail_again'
  if (reset.state !== 'requested') return 'superseded'
  if (!reset.accountId || reset.accountState === 'disabled') return 'unknown'
  if (reset.accountState === 'locked') return 'locked'
  const past = recent.get(reset.accountId)
  const overtaken = past?.newestRequestedAt !== undefined && past.newestRequestedAt > reset.requestedAt
  if (reset.outdated || overtaken || newest.get(reset.accountId) !== reset.id) return 'superseded'
  return (past?.readyLastHour ?? 0) >= limitPerHour ? 'limited' : 'mail'
}
