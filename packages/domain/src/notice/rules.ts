import type { Id } from '@portcullis/contracts/ids'
import { notices } from '@portcullis/contracts/notice-kind'
import type { UnmailedNotice } from '@portcullis/db/queries/notice-mail'

/** What becomes of a notice that a job was to mail. */
export type NoticeVerdict =
  /** A mail of its own that takes `folded` along. */
  | { readonly kind: 'mail'; readonly folded: readonly Id<'notice'>[] }
  /** Its mail again, as it was: an earlier attempt did not end well. */
  | { readonly kind: 'mail_again' }
  /** Its owner does not want to be mailed of this. */
  | { readonly kind: 'muted' }
  /** There is nothing to do: mailed, told of by another's mail, or gone. */
  | { readonly kind: 'told' }
  | { readonly kind: 'later'; readonly delayMs: number; readonly why: 'resting' | 'crowded' }

/** What verdicts are made of. */
export interface NoticeFacts {
  /** Unmailed notices of the accounts and kinds asked about, the oldest of each first. */
  readonly unmailed: readonly UnmailedNotice[]
  /** Which of those asked about are unmailed, listed above or not. */
  readonly due: ReadonlySet<Id<'notice'>>
  /** Seconds since a mail alike, by `groupKey`. */
  readonly sinceMail: ReadonlyMap<string, number | null>
  /** After a mail the next alike waits so long, unless it is urgent. */
  readonly restSeconds: number
}

/** Notices with the same key may share a mail: same account, kind, recipient and lockdown. */
export function groupKey(notice: UnmailedNotice): string {
  return [notice.accountId, notice.kind, notice.to ?? '', notice.lockdownId ?? ''].join('|')
}

/**
 * Pure: decides about notices whose jobs are due. The first of a group leads and takes along all that is not under way, so
 * that a burst becomes one mail; a group that was mailed of lately rests, unless its kind is urgent.
 */
export function judgeNotices(ids: readonly Id<'notice'>[], facts: NoticeFacts): Map<Id<'notice'>, NoticeVerdict> {
  const byId = new Map(facts.unmailed.map((notice) => [notice.id, notice]))
  const groups = Map.groupBy(facts.unmailed, groupKey)
  const taken = new Set<Id<'notice'>>()
  const verdicts = new Map<Id<'notice'>, NoticeVerdict>()
  for (const id of ids) {
    const verdict = judge(byId.get(id), id)
    verdicts.set(id, verdict)
    if (verdict.kind === 'mail') for (const one of [id, ...verdict.folded]) taken.add(one)
  }
  return verdicts

  function judge(notice: UnmailedNotice | undefined, id: Id<'notice'>): NoticeVerdict {
    if (!notice) return facts.due.has(id) ? { kind: 'later', delayMs: 1000, why: 'crowded' } : { kind: 'told' }
    if (taken.has(id)) return { kind: 'told' }
    if (notice.claimed) return { kind: 'mail_again' }
    const { security, urgent } = notices[notice.kind]
    if (notice.muted && !security) return { kind: 'muted' }
    const key = groupKey(notice)
    const since = facts.sinceMail.get(key) ?? Infinity
    if (!urgent && since < facts.restSeconds) {
      return { kind: 'later', delayMs: Math.ceil((facts.restSeconds - since) * 1000), why: 'resting' }
    }
    const others = (groups.get(key) ?? []).filter((one) => one.id !== id && !one.claimed && !taken.has(one.id))
    return { kind: 'mail', folded: others.map((one) => one.id) }
  }
}
