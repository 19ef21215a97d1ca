import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { OwnAccount } from './owner.ts'

/** What accounts are searched by: what is given must all hold. */
export interface AccountSearch {
  readonly id?: Id<'account'> | undefined
  /** How the uniqueness key of the address begins; not empty. */
  readonly emailKeyPrefix?: string | undefined
  readonly state?: OwnAccount['state'] | undefined
  readonly role?: OwnAccount['role'] | undefined
  /** An address, or a network as CIDR. */
  readonly network?: string | undefined
  readonly createdAfter?: Date | undefined
  readonly createdBefore?: Date | undefined
}

/** Which part of what was found. */
export interface SearchPage {
  readonly limit: number
  /** Goes on behind this account. */
  readonly after?: Id<'account'> | undefined
}

/** An account as staff find it. */
export interface FoundAccount extends Pick<
  OwnAccount,
  'id' | 'email' | 'name' | 'role' | 'state' | 'twoFactor' | 'createdAt'
> {
  /** When the most recently used of its sessions was used. */
  readonly lastSeenAt: Date | null
}

/** What a search found. */
export type FoundAccounts =
  /** `next`: behind which account there may be more. */
  | { readonly kind: 'found'; readonly accounts: readonly FoundAccount[]; readonly next: Id<'account'> | null }
  /** More sessions come from that network than a search looks at. */
  | { readonly kind: 'network_too_wide' }
  /** The account behind which to go on is gone. */
  | { readonly kind: 'cursor_gone' }

/** A page looks at so many accounts at most, however few of them fit: what bounds the time of every search. */
export const searchedAccountsMost = 1000
/** A search by network looks at so many sessions at most. */
export const searchedSessionsMost = 5000

/** Where a page goes on: behind this account, in either order. */
interface Mark {
  readonly id: Id<'account'>
  readonly emailKey: string
  /** To the microsecond. */
  readonly createdAt: string
}

/**
 * Finds accounts, the newest first; with `emailKeyPrefix` in the order of addresses. Whatever is asked, one index is walked
 * from where the page before ended, and what else is asked is held against what it gives: of id, addresses, network, rare
 * state, rare role, moment of creation the first that is given. Uses `accounts_email_prefix`, `sessions_ip`, `accounts_state`,
 * `accounts_role`, `accounts_created`, `sessions_active`.
 */
export async function searchAccounts(
  queries: Queries,
  search: AccountSearch,
  { limit, after }: SearchPage,
): Promise<FoundAccounts> {
  const mark = after === undefined ? null : await findMark(queries, after)
  if (mark === undefined) return { kind: 'cursor_gone' }
  const isByNetwork = search.id === undefined && search.emailKeyPrefix === undefined
  if (isByNetwork && search.network !== undefined && (await isTooWide(queries, search.network)))
    return { kind: 'network_too_wide' }
  const [page] = await queries.sql<[{ last: Id<'account'> | null; found: Found[] | null }]>`
    with candidate as materialized (
      select walked.*, row_number() over () as place from (
        select ${columns(queries)} ${walk(queries, search, mark)}) as walked
    ), fitting as materialized (
      -- No order by: candidates come as they are walked, and only so many are walked as it takes to fill the page.
      select * from candidate as account where ${fits(queries, isByNetwork ? { ...search, network: undefined } : search)} limit ${limit + 1}
    )
    select case when (select count(*) from fitting) <= ${limit}
        then (select id from candidate where place = ${searchedAccountsMost}) end as last,
      (select jsonb_agg(jsonb_build_object('id', account.id, 'email', account.email, 'name', account.name,
          'role', account.role, 'state', account.state, 'createdAt', account.created_at,
          'twoFactor', exists (select from totp_factors as factor
            where factor.account_id = account.id and factor.confirmed_at is not null),
          'lastSeenAt', (select session.last_seen_at from sessions as session
            where session.account_id = account.id and session.revoked_at is null
            order by session.last_seen_at desc limit 1))
        order by place) from fitting as account) as found`
  if (!page) throw new Error('a statement that always has one row has none')
  const rows = (page.found ?? []).map(readFound)
  const accounts = rows.slice(0, limit)
  if (rows.length > limit) return { kind: 'found', accounts, next: accounts.at(-1)?.id ?? null }
  return { kind: 'found', accounts, next: page.last }
}

/** As JSON tells it. */
interface Found extends Omit<FoundAccount, 'createdAt' | 'lastSeenAt'> {
  readonly createdAt: string
  readonly lastSeenAt: string | null
}

function readFound({ createdAt, lastSeenAt, ...rest }: Found): FoundAccount {
  return { ...rest, createdAt: new Date(createdAt), lastSeenAt: lastSeenAt === null ? null : new Date(lastSeenAt) }
}

async function findMark(queries: Queries, id: Id<'account'>): Promise<Mark | undefined> {
  const [mark] = await queries.sql<Mark[]>`
    select id, email_key as "emailKey", created_at::text as "createdAt" from accounts where id = ${id}`
  return mark
}

async function isTooWide(queries: Queries, network: string): Promise<boolean> {
  const [row] = await queries.sql<{ sessions: number }[]>`
    select count(*)::int as sessions from (
      select from sessions as session where ${isFrom(queries, network)} limit ${searchedSessionsMost + 1}) as one`
  return (row?.sessions ?? 0) > searchedSessionsMost
}

/** `<<=` is served by no index where the network is a parameter; a range is. */
function isFrom(queries: Queries, network: string) {
  return queries.sql`
    session.revoked_at is null and session.ip >= host(network(${network}::inet))::inet
    and session.ip <= host(broadcast(${network}::inet))::inet`
}

const columns = (queries: Queries) => queries.sql`
  account.id, account.email, account.email_key, account.name, account.role, account.state, account.created_at`

/** The index that is walked: in order, from behind the mark, as far as a page looks. */
function walk(queries: Queries, search: AccountSearch, mark: Mark | null) {
  const { sql } = queries
  const most = searchedAccountsMost
  const behindId = sql`(${mark?.id ?? null}::uuid is null or account.id < ${mark?.id ?? null}::uuid)`
  if (search.id !== undefined) {
    return sql`from accounts as account where account.id = ${search.id} and ${behindId}`
  }
  if (search.emailKeyPrefix !== undefined) {
    const prefix = search.emailKeyPrefix
    return sql`
      from accounts as account
      where account.email_key ~>=~ ${prefix} and account.email_key ~<~ ${prefix + highest}
        and account.email_key ~>~ ${mark?.emailKey ?? ''}
      order by account.email_key using ~<~ limit ${most}`
  }
  if (search.network !== undefined) {
    return sql`
      from (
        -- The sessions first, whole: asked for accounts in order, the planner would walk those of everybody.
        select distinct one.account_id as id from (
          select session.account_id from sessions as session
          where ${isFrom(queries, search.network)} limit ${searchedSessionsMost + 1}
        ) as one
        where one.account_id < ${mark?.id ?? lastId} order by one.account_id desc limit ${most}
      ) as seen join accounts as account on account.id = seen.id
      order by seen.id desc limit ${most}`
  }
  const first = mark?.id ?? lastId
  if (search.state !== undefined && search.state !== 'active') {
    return sql`
      from accounts as account
      where account.state = ${search.state} and account.state <> 'active' and account.id < ${first}
      order by account.id desc limit ${most}`
  }
  if (search.role !== undefined && search.role !== 'member') {
    return sql`
      from accounts as account
      where account.role = ${search.role} and account.role <> 'member' and account.id < ${first}
      order by account.id desc limit ${most}`
  }
  return walkByAge(queries, search, mark)
}

function walkByAge({ sql }: Queries, { createdAfter, createdBefore }: AccountSearch, mark: Mark | null) {
  return sql`
    from accounts as account
    where (account.created_at, account.id) < (${mark?.createdAt ?? 'infinity'}::text::timestamptz, ${mark?.id ?? lastId}::uuid)
      and account.created_at < coalesce(${createdBefore ?? null}::timestamptz, 'infinity')
      and account.created_at >= coalesce(${createdAfter ?? null}::timestamptz, '-infinity')
    order by account.created_at desc, account.id desc limit ${searchedAccountsMost}`
}

/** Behind all that an address may hold. */
const highest = '\u{10ffff}'
/** The id that is behind all others. */
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** All that is asked for, held against a candidate. */
function fits(queries: Queries, search: AccountSearch) {
  const { id, emailKeyPrefix, state, role, network, createdAfter, createdBefore } = search
  const seen =
    network === undefined
      ? queries.sql`true`
      : queries.sql`exists (
          select from sessions as session where session.account_id = account.id and ${isFrom(queries, network)})`
  return queries.sql`
    (${id ?? null}::uuid is null or account.id = ${id ?? null}::uuid)
    and (${emailKeyPrefix ?? null}::text is null or starts_with(account.email_key, ${emailKeyPrefix ?? null}::text))
    and (${state ?? null}::text is null or account.state = ${state ?? null}::text)
    and (${role ?? null}::text is null or account.role = ${role ?? null}::text)
    and account.created_at < coalesce(${createdBefore ?? null}::timestamptz, 'infinity')
    and account.created_at >= coalesce(${createdAfter ?? null}::timestamptz, '-infinity') and ${seen}`
}
