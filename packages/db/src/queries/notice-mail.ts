import type { Id } from '@portcullis/contracts/ids'
import type { NoticeKind } from '@portcullis/contracts/notice-kind'
import type { Tx } from '../transaction.ts'
import { oldestIdWithin } from './age.ts'
import { trustedEmailOf } from './email-change.ts'
import { hexOf } from './hex.ts'

/** How long a "this wasn't me" link works. Source: security notices of the house, ASVS 5 6.5.5. */
export const linkDays = 7

/** Notices of one group that are locked at a time; what is beyond waits for the next. */
const groupMost = 1000

/** A notice that is not mailed yet. Those alike in account, kind, recipient and lockdown may share a mail. */
export interface UnmailedNotice {
  readonly id: Id<'notice'>
  readonly accountId: Id<'account'>
  readonly kind: NoticeKind
  /** `new`: it goes to the account's present address, trusted or not. Else to the trusted one. */
  readonly to: string | null
  readonly lockdownId: Id<'lockdown'> | null
  /** Its mail is under way, or was and failed. */
  readonly claimed: boolean
  /** Its owner does not want to be mailed of this kind. */
  readonly muted: boolean
}

/**
 * Locks the unmailed notices of the accounts and kinds of `ids`, so that of many workers one decides who takes whom along.
 * Always in the same order, so that none waits for each other. Uses `notices_pkey`, `notices_unmailed`.
 */
export async function listUnmailedForUpdate(tx: Tx, ids: readonly Id<'notice'>[]): Promise<UnmailedNotice[]> {
  const rows = await tx.sql<UnmailedNotice[]>`
    with asked as materialized (
      select distinct account_id, kind from notices
      where id = any(${[...ids]}::uuid[]) and mailed_at is null and folded_into is null
      order by account_id, kind
    )
    select one.id, asked.account_id as "accountId", asked.kind, one.details ->> 'to' as "to",
      one.lockdown_id as "lockdownId", one.link_expires_at is not null as claimed,
      coalesce(asked.kind = any(preference.muted), false) as muted
    from asked left join notification_preferences as preference on preference.account_id = asked.account_id
    cross join lateral (
      select id, details, lockdown_id, link_expires_at from notices
      where account_id = asked.account_id and kind = asked.kind and mailed_at is null and folded_into is null
      order by id limit ${groupMost} for no key update
    ) as one`
  return [...rows]
}

/** Which of these notices are still to be mailed: not gone, not told of by another mail, not mailed. */
export async function listUnmailedIds(tx: Tx, ids: readonly Id<'notice'>[]): Promise<Set<Id<'notice'>>> {
  const rows = await tx.sql<{ id: Id<'notice'> }[]>`
    select id from notices where id = any(${[...ids]}::uuid[]) and mailed_at is null and folded_into is null`
  return new Set(rows.map((row) => row.id))
}

/**
 * Seconds since the latest mail alike was sent, or began to be, in the order of `notices`; `null` where none was within a
 * day. Uses `notices_account`.
 */
export async function listSecondsSinceMail(tx: Tx, notices: readonly UnmailedNotice[]): Promise<(number | null)[]> {
  const rows = await tx.sql<{ seconds: number | null }[]>`
    select (
      select extract(epoch from now() - max(greatest(one.mailed_at, one.link_expires_at - ${linkDays} * interval '1 day')))
      from notices as one
      where one.account_id = asked.account_id and one.id > ${oldestIdWithin(tx, 1)} and one.kind = asked.kind
        and one.link_expires_at is not null and one.details ->> 'to' is not distinct from asked.recipient
        and one.lockdown_id is not distinct from asked.lockdown_id
    )::float8 as seconds
    from unnest(
      ${notices.map((one) => one.accountId)}::uuid[], ${notices.map((one) => one.kind)}::text[],
      ${notices.map((one) => one.to)}::text[], ${notices.map((one) => one.lockdownId)}::uuid[]
    ) with ordinality as asked (account_id, kind, recipient, lockdown_id, place)
    order by asked.place`
  return rows.map((row) => row.seconds)
}

/** A notice whose mail is being made, with whom it goes to. */
export interface NoticeForMail {
  readonly id: Id<'notice'>
  readonly accountId: Id<'account'>
  readonly kind: NoticeKind
  /** See `UnmailedNotice`. */
  readonly to: string | null
  readonly lockdownId: Id<'lockdown'> | null
  /** The change of address that it tells of, if it does. */
  readonly emailChangeId: Id<'emailChange'> | null
  /** The closing of the account that it tells of, if it does. */
  readonly closingId: Id<'accountClosing'> | null
  readonly occurredAt: Date
  /** How many notices its mail tells of. */
  readonly times: number
  readonly linkSalt: Uint8Array | null
  readonly linkHash: Uint8Array | null
  readonly email: string
  readonly name: string
  readonly language: string
}

/** Reads the notices whose mails are made, each with the address of this moment. */
export async function listNoticesForMail(tx: Tx, ids: readonly Id<'notice'>[]): Promise<NoticeForMail[]> {
  const rows = await tx.sql<NoticeForMail[]>`
    select notice.id, notice.account_id as "accountId", notice.kind, notice.details ->> 'to' as "to",
      notice.lockdown_id as "lockdownId", notice.details ->> 'emailChangeId' as "emailChangeId",
      notice.details ->> 'closingId' as "closingId",
      notice.occurred_at as "occurredAt", notice.times, notice.link_salt as "linkSalt", notice.link_hash as "linkHash",
      case when notice.details ->> 'to' = 'new' then coalesce((
        select new_email from email_changes where id = (notice.details ->> 'emailChangeId')::uuid), account.email)
        else ${trustedEmailOf(tx)} end as email,
      account.name, account.language
    from notices as notice join accounts as account on account.id = notice.account_id
    where notice.id = any(${[...ids]}::uuid[])`
  return [...rows]
}

/** What several notices of one mail have in them. */
export interface ToldNotice {
  readonly leadId: Id<'notice'>
  readonly ip: string | null
  readonly userAgent: string | null
  readonly details: Record<string, unknown> | null
  readonly occurredAt: Date
}

/** Notices of one mail that are looked at for its places, devices and details. */
const toldMost = 100

/** Lists what mails tell of: of each the first notice and the latest ones. Uses `notices_account`. */
export async function listToldNotices(
  tx: Tx,
  leads: readonly Pick<NoticeForMail, 'id' | 'accountId'>[],
): Promise<ToldNotice[]> {
  const rows = await tx.sql<ToldNotice[]>`
    select lead.id as "leadId", host(one.ip) as ip, one.user_agent as "userAgent", one.details, one.occurred_at as "occurredAt"
    from unnest(${leads.map((one) => one.id)}::uuid[], ${leads.map((one) => one.accountId)}::uuid[]) as lead (id, account_id)
    cross join lateral (
      (select id, ip, user_agent, details, occurred_at from notices
        where account_id = lead.account_id and (id = lead.id or folded_into = lead.id) order by id limit 1)
      union
      (select id, ip, user_agent, details, occurred_at from notices
        where account_id = lead.account_id and (id = lead.id or folded_into = lead.id) order by id desc limit ${toldMost})
    ) as one
    order by lead.id, one.id`
  return [...rows]
}

/** A mail that begins to be sent: the notice that leads it, and those that it takes along. */
export interface NoticeClaim {
  readonly id: Id<'notice'>
  readonly linkHash: Uint8Array | null
  readonly folded: readonly Id<'notice'>[]
}

/** Writes down whom mails tell of, and the hashes of their links, which live from now on. */
export async function updateNoticesClaimed(tx: Tx, claims: readonly NoticeClaim[]): Promise<void> {
  if (claims.length === 0) return
  await tx.sql`
    update notices set link_hash = decode(claim.hash, 'hex'), link_expires_at = now() + ${linkDays} * interval '1 day',
      times = claim.times
    from unnest(
      ${claims.map((one) => one.id)}::uuid[], ${claims.map((one) => one.linkHash && hexOf(one.linkHash))}::text[],
      ${claims.map((one) => one.folded.length + 1)}::int[]
    ) as claim (id, hash, times)
    where notices.id = claim.id`
  const folded = claims.flatMap((claim) => claim.folded.map((id) => ({ id, into: claim.id })))
  await updateNoticesFolded(tx, folded)
}

/** A notice that gets no mail of its own: another's tells of it, or, folded into itself, none. */
export interface FoldedNotice {
  readonly id: Id<'notice'>
  readonly into: Id<'notice'>
}

/** Writes down which notices get no mail of their own. They stay in the owner's feed. */
export async function updateNoticesFolded(tx: Tx, folded: readonly FoldedNotice[]): Promise<void> {
  if (folded.length === 0) return
  await tx.sql`
    update notices set folded_into = fold.into_id
    from unnest(${folded.map((one) => one.id)}::uuid[], ${folded.map((one) => one.into)}::uuid[]) as fold (id, into_id)
    where notices.id = fold.id`
}

/** Marks notices as mailed, with those that went along. Uses `notices_account`. */
export async function updateNoticesMailed(
  tx: Tx,
  mailed: readonly Pick<NoticeForMail, 'id' | 'accountId' | 'times'>[],
): Promise<void> {
  if (mailed.length === 0) return
  // Locked in the order of `listUnmailedForUpdate`, so that neither waits for the other for ever.
  await tx.sql`
    with lead as materialized (
      select id from notices where id = any(${mailed.map((one) => one.id)}::uuid[])
      order by account_id, kind, id for no key update
    )
    update notices set mailed_at = now() from lead where notices.id = lead.id`
  const many = mailed.filter((one) => one.times > 1)
  if (many.length === 0) return
  await tx.sql`
    update notices set mailed_at = now()
    from unnest(${many.map((one) => one.id)}::uuid[], ${many.map((one) => one.accountId)}::uuid[]) as lead (id, account_id)
    where notices.account_id = lead.account_id and notices.folded_into = lead.id`
}

/** What the recovery link of a lockdown is made of. */
export interface RecoveryToken {
  readonly lockdownId: Id<'lockdown'>
  readonly recoverySalt: Uint8Array
  /** Of the token that was mailed; null before that, and after it was used. */
  readonly recoveryHash: Uint8Array | null
}

/** Reads what the recovery links of lockdowns are made of, and locks them; one that is recovered from is missing. */
export async function listRecoveryTokensForUpdate(
  tx: Tx,
  ids: readonly Id<'lockdown'>[],
): Promise<Map<Id<'lockdown'>, RecoveryToken>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.sql<RecoveryToken[]>`
    select id as "lockdownId", recovery_salt as "recoverySalt", recovery_hash as "recoveryHash" from lockdowns
    where id = any(${[...ids]}::uuid[]) and state <> 'recovered' order by id for no key update`
  return new Map(rows.map((row) => [row.lockdownId, row]))
}

/** A lockdown and the hash of the token that leads back from it. */
export interface RecoveryHash {
  readonly id: Id<'lockdown'>
  readonly hash: Uint8Array
}

/** Stores the hashes of recovery tokens, by which they work. */
export async function updateRecoveryHashes(tx: Tx, made: readonly RecoveryHash[]): Promise<void> {
  if (made.length === 0) return
  await tx.sql`
    update lockdowns set recovery_hash = decode(made.hash, 'hex')
    from unnest(${made.map((one) => one.id)}::uuid[], ${made.map((one) => hexOf(one.hash))}::text[]) as made (id, hash)
    where lockdowns.id = made.id`
}
