import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { isWithinFences } from './fence.ts'
import { hexOf } from './hex.ts'
import { keepFragment } from './kept-fragment.ts'

/** A session to be made. */
export interface NewSession {
  readonly id: Id<'session'>
  readonly accountId: Id<'account'>
  readonly tokenHash: Uint8Array
  readonly deviceName: string | null
  readonly userAgent: string | null
  readonly ip: string | null
  readonly country: string | null
  readonly secondFactor: boolean
}

/** How long sessions live. */
export interface SessionLimits {
  /** Ends after so long without a request. */
  readonly idleSeconds: number
  /** Ends after so long, however active it is. */
  readonly absoluteSeconds: number
  /** Active at a time, per account. */
  readonly most: number
}

/** Makes a session under the present epochs. The account must be locked by this transaction. */
export async function insertSession(tx: Tx, session: NewSession, limits: SessionLimits): Promise<SessionRow> {
  const one = session
  await tx.sql`
    insert into sessions (id, account_id, token_hash, epoch, global_epoch, device_name, user_agent, ip, country,
      second_factor, expires_at)
    select ${one.id}, account.id, ${one.tokenHash}, account.security_epoch, coalesce((select epoch from fences), 1),
      ${one.deviceName}, ${one.userAgent}, ${one.ip}, ${one.country}, ${one.secondFactor},
      now() + ${limits.absoluteSeconds} * interval '1 s'
    from accounts as account where account.id = ${one.accountId}`
  const [row] = await tx.sql<SessionRow[]>`
    select ${columns(tx)} from sessions as session where id = ${one.id}`
  if (!row) throw new Error('a session that was just written is not there')
  return row
}

/**
 * Ends the least recently used sessions of an account so that `most` are left; returns those that gave way. Only living
 * ones count. The account must be locked by this transaction. Uses `sessions_active`.
 */
export async function evictSessions(tx: Tx, accountId: Id<'account'>, limits: SessionLimits): Promise<Id<'session'>[]> {
  const rows = await tx.sql<{ id: Id<'session'> }[]>`
    with surplus as (
      select session.id from sessions as session join accounts as account on account.id = session.account_id
      where session.account_id = ${accountId} and ${isAlive(tx, limits)}
      order by session.last_seen_at desc, session.id desc offset ${limits.most}
    )
    update sessions set revoked_at = now(), revoked_because = 'evicted' from surplus where sessions.id = surplus.id
    returning sessions.id`
  return rows.map((row) => row.id)
}

/** A session as its owner may see it. Never the token nor its hash. */
export interface SessionRow {
  readonly id: Id<'session'>
  readonly deviceName: string | null
  readonly userAgent: string | null
  readonly country: string | null
  readonly secondFactor: boolean
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly provedAt: Date
  readonly expiresAt: Date
}

/** A session that a token opens now, with what its account is. */
export interface LivingSession extends SessionRow {
  readonly accountId: Id<'account'>
  readonly role: 'member' | 'support' | 'admin'
  /** Seconds since its owner last proved to be there. */
  readonly provedSecondsAgo: number
}

/**
 * Reads the sessions that tokens open at this moment, in the order of the hashes; `undefined` where none is. The one
 * statement behind every check: own revocation, idle and absolute limit, state of the account, its epoch and the
 * house's, the strictest wins, all by the store's clock. Notes who was here, at most once a minute.
 */
export async function listLivingSessions(
  queries: Queries,
  tokenHashes: readonly Uint8Array[],
  limits: SessionLimits,
): Promise<(LivingSession | undefined)[]> {
  const rows = await queries.sql<(LivingSession & { place: string; stale: boolean })[]>`
    select token.place, ${columns(queries)}, session.account_id as "accountId", account.role,
      extract(epoch from now() - session.proved_at)::float8 as "provedSecondsAgo",
      session.last_seen_at < now() - interval '1 minute' as stale
    from unnest(${tokenHashes.map(hexOf)}::text[]) with ordinality
      as token (hash, place)
    join sessions as session on session.token_hash = decode(token.hash, 'hex')
    join accounts as account on account.id = session.account_id
    where ${isAlive(queries, limits)}`
  const found = tokenHashes.map((): LivingSession | undefined => undefined)
  const seen: Id<'session'>[] = []
  for (const { place, stale, ...session } of rows) {
    found[Number(place) - 1] = session
    if (stale) seen.push(session.id)
  }
  if (seen.length > 0) await touchSessions(queries, seen)
  return found
}

/** Somebody who writes at the same moment is not waited for: it is the same minute. */
async function touchSessions(queries: Queries, ids: readonly Id<'session'>[]): Promise<void> {
  await queries.sql`
    with stale as (
      select id from sessions where id = any(${[...ids]}::uuid[]) and revoked_at is null
        and last_seen_at < now() - interval '1 minute'
      order by id for no key update skip locked
    )
    update sessions set last_seen_at = now() from stale where sessions.id = stale.id`
}

/** Lists the living sessions of an account, the most recently used first. Uses `sessions_active`. */
export async function listSessions(
  queries: Queries,
  accountId: Id<'account'>,
  limits: SessionLimits,
): Promise<SessionRow[]> {
  const rows = await queries.sql<SessionRow[]>`
    select ${columns(queries)} from sessions as session join accounts as account on account.id = session.account_id
    where session.account_id = ${accountId} and ${isAlive(queries, limits)}
    order by session.last_seen_at desc, session.id desc limit ${limits.most}`
  return [...rows]
}

/** Ends one session of an account; `false` for one that is not there, not theirs, or over. */
export async function revokeSession(
  tx: Tx,
  accountId: Id<'account'>,
  id: Id<'session'>,
  because: string,
): Promise<boolean> {
  const rows = await tx.sql`
    update sessions set revoked_at = now(), revoked_because = ${because}
    where id = ${id} and account_id = ${accountId} and revoked_at is null returning id`
  return rows.length === 1
}

/** Finds whose session a token is, unless it was ended. */
export async function findUnrevokedSession(
  queries: Queries,
  tokenHash: Uint8Array,
): Promise<{ readonly id: Id<'session'>; readonly accountId: Id<'account'> } | undefined> {
  const [row] = await queries.sql<{ id: Id<'session'>; accountId: Id<'account'> }[]>`
    select id, account_id as "accountId" from sessions where token_hash = ${tokenHash} and revoked_at is null`
  return row
}

/** Ends every active session of an account; returns how many. Uses `sessions_active`. */
export async function revokeSessions(tx: Tx, accountId: Id<'account'>, because: string): Promise<number> {
  const rows = await tx.sql`
    update sessions set revoked_at = now(), revoked_because = ${because}
    where account_id = ${accountId} and revoked_at is null returning id`
  return rows.length
}

/** Ends every session of an account but one; returns which. Uses `sessions_active`. */
export async function revokeOtherSessions(
  tx: Tx,
  accountId: Id<'account'>,
  because: string,
  kept: Id<'session'>,
): Promise<Id<'session'>[]> {
  const rows = await tx.sql<{ id: Id<'session'> }[]>`
    update sessions set revoked_at = now(), revoked_because = ${because}
    where account_id = ${accountId} and revoked_at is null and id <> ${kept} returning id`
  return rows.map(({ id }) => id)
}

/**
 * Gives a session a new token, as its owner has proved to be there; the old one opens nothing from the commit on. `false`
 * where it was ended or proved since it was read: of many proofs at once one is good, so no token is dead when it is told.
 */
export async function updateSessionProved(
  tx: Tx,
  { id, provedAt }: Pick<SessionRow, 'id' | 'provedAt'>,
  tokenHash: Uint8Array,
): Promise<boolean> {
  const rows = await tx.sql`
    update sessions set token_hash = ${tokenHash}, proved_at = now(), last_seen_at = now()
    where id = ${id} and revoked_at is null and date_trunc('milliseconds', proved_at) = ${provedAt} returning id`
  return rows.length === 1
}

const columnsOf = keepFragment<object>(
  (queries) => queries.sql`
    session.id, session.device_name as "deviceName", session.user_agent as "userAgent", session.country,
    session.second_factor as "secondFactor", session.created_at as "createdAt", session.last_seen_at as "lastSeenAt",
    session.proved_at as "provedAt", session.expires_at as "expiresAt"`,
)

function columns(queries: Queries) {
  return columnsOf(queries, columnsOf)
}

/** What makes a session alive. Said once. */
const isAlive = keepFragment<SessionLimits>(
  (queries, limits) => queries.sql`
    session.revoked_at is null and session.expires_at > now()
    and session.last_seen_at > now() - ${limits.idleSeconds} * interval '1 s'
    and ${isWithinFences(queries, 'session')}`,
)
