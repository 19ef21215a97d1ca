import type { Id } from '@portcullis/contracts/ids'
import { type NoticeKind, notices } from '@portcullis/contracts/notice-kind'
import {
  linkDays,
  listNoticesForMail,
  listSecondsSinceMail,
  listToldNotices,
  listUnmailedForUpdate,
  listUnmailedIds,
  type NoticeClaim,
  type NoticeForMail,
  updateNoticesClaimed,
  updateNoticesFolded,
} from '@portcullis/db/queries/notice-mail'
import type { Tx } from '@portcullis/db/transaction'
import { makeKeepTokens } from '../closing/keep-token.ts'
import { revertDays } from '../email/change-rule.ts'
import { type TokenKeys, tokenOfRow } from '../token/mailed-token.ts'
import { makeRecoveryTokens } from './recovery-token.ts'
import { makeRevertTokens } from './revert-token.ts'
import { groupKey, judgeNotices, type NoticeVerdict } from './rules.ts'

/** Settings of notices. */
export interface NoticeSettings extends TokenKeys {
  /** After a mail of a kind the next of that kind waits so long, unless it is urgent. */
  readonly restSeconds: number
}

/** The link of a mail. Holds the token: stays in memory. */
export type NoticeLink =
  /** "This wasn't me": locks the account and can do nothing else. */
  | { readonly kind: 'lock'; readonly token: string; readonly validDays: number }
  /** Leads back into a locked account. */
  | { readonly kind: 'recover'; readonly token: string; readonly lockdownId: Id<'lockdown'> }
  /** Takes a change of address back, and locks the account. */
  | { readonly kind: 'revert'; readonly token: string; readonly validDays: number }

/** Where something that a mail tells of came from. */
export interface NoticeOrigin {
  readonly ip: string | null
  readonly userAgent: string | null
}

/** A mail that is ready to be sent. */
export interface NoticeMail extends Pick<
  NoticeForMail,
  'id' | 'accountId' | 'kind' | 'lockdownId' | 'times' | 'email' | 'name' | 'language'
> {
  readonly firstAt: Date
  readonly lastAt: Date
  readonly origins: readonly NoticeOrigin[]
  readonly details: readonly Record<string, unknown>[]
  readonly link: NoticeLink | undefined
  /** Keeps an account that is to be closed. Stays in memory. */
  readonly keepToken: string | undefined
}

/** What becomes of a notice: a mail, or why there is none now. */
export type PreparedNotice =
  | { readonly kind: 'mail'; readonly mail: NoticeMail }
  | { readonly kind: 'none'; readonly why: 'told' | 'muted' | 'recovered' }
  | { readonly kind: 'later'; readonly delayMs: number; readonly why: string }

/** Kinds in whose mails a link that locks would be of no use. */
const linkless: ReadonlySet<NoticeKind> = new Set(['account_locked', 'account_disabled', 'account_closed'])

/**
 * Decides what is mailed of notices, in the caller's transaction: which of them share a mail, which wait, which stay in the
 * feed alone; makes the links and stores their hashes. Repeated after a crash it gives the same link to the trusted address
 * of that moment. Of many workers at once one takes a notice.
 */
export async function prepareNotices(
  tx: Tx,
  ids: readonly Id<'notice'>[],
  settings: NoticeSettings,
): Promise<Map<Id<'notice'>, PreparedNotice>> {
  // The oldest first: it leads, and those that came after it go along.
  const asked = [...new Set(ids)].sort()
  const verdicts = await judgeAsked(tx, asked, settings)
  const ready = asked.filter((id) => mailsNow(verdicts.get(id)))
  const rows = await listNoticesForMail(tx, ready)
  const tokens = await makeTokens(tx, rows, settings)
  const claims: NoticeClaim[] = []
  const mails = new Map<Id<'notice'>, { row: NoticeForMail; link: NoticeLink | undefined }>()
  const useless: Id<'notice'>[] = asked.filter((id) => verdicts.get(id)?.kind === 'muted')
  for (const row of rows) {
    const verdict = verdicts.get(row.id)
    const folded = verdict?.kind === 'mail' ? verdict.folded : undefined
    const { link, hash } = linkOf(row, tokens, settings)
    if (row.kind === 'account_locked' && row.lockdownId && !link) {
      useless.push(row.id, ...(folded ?? []))
      continue
    }
    mails.set(row.id, { row: folded ? { ...row, times: folded.length + 1 } : row, link })
    if (folded) claims.push({ id: row.id, linkHash: hash, folded })
  }
  await updateNoticesClaimed(tx, claims)
  await updateNoticesFolded(
    tx,
    useless.map((id) => ({ id, into: id })),
  )
  const told = Map.groupBy(
    await listToldNotices(
      tx,
      [...mails.values()].map(({ row }) => row),
    ),
    (one) => one.leadId,
  )
  return new Map(asked.map((id) => [id, answer(id)]))

  function answer(id: Id<'notice'>): PreparedNotice {
    const verdict = verdicts.get(id)
    if (verdict?.kind === 'later') return verdict
    if (verdict?.kind === 'muted') return { kind: 'none', why: 'muted' }
    const made = mails.get(id)
    if (!made) return { kind: 'none', why: mailsNow(verdict) ? 'recovered' : 'told' }
    return { kind: 'mail', mail: compose(made.row, made.link, keepToken(made.row), told.get(id) ?? []) }
  }

  function keepToken({ closingId }: NoticeForMail): string | undefined {
    return closingId === null ? undefined : tokens.keeping.get(closingId)
  }
}

/** Tokens of mails whose links do more than lock, by what they are about. */
interface MadeTokens {
  readonly recovery: ReadonlyMap<Id<'lockdown'>, string>
  readonly reversion: ReadonlyMap<Id<'emailChange'>, string>
  readonly keeping: ReadonlyMap<Id<'accountClosing'>, string>
}

async function makeTokens(tx: Tx, rows: readonly NoticeForMail[], settings: NoticeSettings): Promise<MadeTokens> {
  const locked = rows.filter(({ kind }) => kind === 'account_locked')
  const changed = rows.filter(({ kind, to }) => kind === 'email_changed' && to !== 'new')
  const closing = rows.filter(({ kind }) => kind === 'account_closing')
  return {
    recovery: await makeRecoveryTokens(
      tx,
      locked.flatMap((row) => row.lockdownId ?? []),
      settings,
    ),
    reversion: await makeRevertTokens(
      tx,
      changed.flatMap((row) => row.emailChangeId ?? []),
      settings,
    ),
    keeping: await makeKeepTokens(
      tx,
      closing.flatMap((row) => row.closingId ?? []),
      settings,
    ),
  }
}

async function judgeAsked(
  tx: Tx,
  asked: readonly Id<'notice'>[],
  { restSeconds }: NoticeSettings,
): Promise<Map<Id<'notice'>, NoticeVerdict>> {
  const unmailed = await listUnmailedForUpdate(tx, asked)
  const due = await listUnmailedIds(tx, asked)
  const resting = [
    ...new Map(unmailed.flatMap((one) => (notices[one.kind].urgent ? [] : [[groupKey(one), one]]))).values(),
  ]
  const seconds = resting.length === 0 ? [] : await listSecondsSinceMail(tx, resting)
  const sinceMail = new Map(resting.map((one, place) => [groupKey(one), seconds[place] ?? null]))
  return judgeNotices(asked, { unmailed, due, sinceMail, restSeconds })
}

function mailsNow(verdict: NoticeVerdict | undefined): boolean {
  return verdict?.kind === 'mail' || verdict?.kind === 'mail_again'
}

function linkOf(
  row: NoticeForMail,
  { recovery, reversion }: MadeTokens,
  settings: NoticeSettings,
): { readonly link: NoticeLink | undefined; readonly hash: Uint8Array | null } {
  const { id, kind, to, lockdownId, emailChangeId, linkSalt, linkHash } = row
  const token = lockdownId === null ? undefined : recovery.get(lockdownId)
  if (kind === 'account_locked' && lockdownId !== null && token !== undefined) {
    return { link: { kind: 'recover', token, lockdownId }, hash: null }
  }
  const undoing = emailChangeId === null || to === 'new' ? undefined : reversion.get(emailChangeId)
  if (undoing !== undefined) return { link: { kind: 'revert', token: undoing, validDays: revertDays }, hash: null }
  // Whoever reads mail at an address that is not trusted yet may be the intruder.
  if (!notices[kind].security || linkless.has(kind) || to === 'new' || linkSalt === null) {
    return { link: undefined, hash: null }
  }
  const made = tokenOfRow(settings, 'lockdown-link', { id, salt: linkSalt, tokenHash: linkHash })
  return { link: { kind: 'lock', token: made.token, validDays: linkDays }, hash: made.hash }
}

function compose(
  row: NoticeForMail,
  link: NoticeLink | undefined,
  keepToken: string | undefined,
  told: readonly (NoticeOrigin & { readonly details: Record<string, unknown> | null; readonly occurredAt: Date })[],
): NoticeMail {
  const { id, accountId, kind, lockdownId, times, email, name, language, occurredAt } = row
  const moments = told.map((one) => one.occurredAt.getTime())
  return {
    id,
    accountId,
    kind,
    lockdownId,
    times,
    email,
    name,
    language,
    link,
    keepToken,
    firstAt: new Date(Math.min(occurredAt.getTime(), ...moments)),
    lastAt: new Date(Math.max(occurredAt.getTime(), ...moments)),
    origins: told.map(({ ip, userAgent }) => ({ ip, userAgent })),
    details: told.flatMap(({ details }) => (details === null ? [] : [details])),
  }
}
