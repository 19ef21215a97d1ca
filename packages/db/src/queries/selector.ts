import type { RevocationKind } from '@portcullis/contracts/revocation'
import { namedAccounts, namedDomain, type Selector, type Span } from '@portcullis/contracts/selector'
import type postgres from 'postgres'
import type { Queries } from '../connect.ts'
import type { SessionLimits } from './session.ts'
import { isStandingApiKey, isStandingSession, isStandingSshKey } from './standing.ts'

/** A selector with what only the house knows. */
export interface ResolvedSelector {
  readonly selector: Selector
  /** The `User-Agent`s that are the device it names; absent where it names none. */
  readonly userAgents?: readonly string[] | undefined
  readonly limits: SessionLimits
}

/** Part of a statement. */
type Fragment = postgres.PendingQuery<postgres.Row[]>

/** SQL: whether a selector names the account that is there as `account`. For statements with a free planner. */
export function isSelected(queries: Queries, resolved: ResolvedSelector): Fragment {
  const { sql } = queries
  const { selector } = resolved
  const { role, state, createdAt, apiKeyScopes, sshKeyType } = selector
  const [accountIds, emailDomain] = [namedAccounts(selector), namedDomain(selector)]
  const conditions: Fragment[] = []
  if (accountIds) conditions.push(sql`account.id = any(${accountIds}::uuid[])`)
  if (emailDomain) conditions.push(sql`account.email_key like ${`%@${emailDomain}`}`)
  if (role) conditions.push(sql`account.role = ${role}`)
  if (state) conditions.push(sql`account.state = ${state}`)
  if (createdAt) conditions.push(isWithin(queries, sql`account.created_at`, createdAt))
  if (selector.passwordOlderThanDays !== undefined)
    conditions.push(sql`account.password_changed_at < now() - ${selector.passwordOlderThanDays} * interval '1 day'`)
  if (selector.withoutTwoFactor)
    conditions.push(
      sql`not exists (select from totp_factors as factor where factor.account_id = account.id and factor.confirmed_at is not null)`,
    )
  if (asksForUse(selector)) conditions.push(isUsed(queries, resolved))
  if (selector.credentialKinds) conditions.push(hasOneOf(queries, selector.credentialKinds, resolved.limits))
  if (apiKeyScopes)
    conditions.push(ownersOf(queries, [apiKeys(queries, sql`and api_key.scopes && ${[...apiKeyScopes]}::text[]`)]))
  if (sshKeyType) conditions.push(ownersOf(queries, [sshKeys(queries, sql`and ssh_key.type = ${sshKeyType}`)]))
  // An empty selector is refused long before; should one come here, it is nobody.
  if (conditions.length === 0) return selector.everyone === true ? sql`true` : sql`false`
  return conditions.reduce((all, one) => sql`${all} and ${one}`)
}

/** Lists what browsers and programs call themselves, `most` at a time, in order from `after` on. */
export async function listUserAgents(queries: Queries, after: string | null, most: number): Promise<string[]> {
  const rows = await queries.sql<{ userAgent: string }[]>`
    select distinct coalesce(user_agent, '') as "userAgent" from sessions
    where revoked_at is null and (${after}::text is null or coalesce(user_agent, '') > ${after})
    order by 1 limit ${most}`
  return rows.map((row) => row.userAgent)
}

/** Whether it asks how a credential was used. All that it asks must be true of the very same one. */
function asksForUse({ lastSeenAt, network, country, device }: Selector): boolean {
  return [lastSeenAt, network, country, device].some((part) => part !== undefined)
}

function isUsed(queries: Queries, { selector, userAgents, limits }: ResolvedSelector): Fragment {
  const { sql } = queries
  const { lastSeenAt, network, country, device } = selector
  const none = sql``
  const ofSession = sql`
    ${lastSeenAt ? sql`and ${isWithin(queries, sql`session.last_seen_at`, lastSeenAt)}` : none}
    ${network ? sql`and session.ip <<= ${network}::text::inet` : none}
    ${country ? sql`and session.country = ${country}` : none}
    ${device ? sql`and coalesce(session.user_agent, '') = any(${[...(userAgents ?? [])]}::text[])` : none}`
  // Of the use of a key no device is kept, and its network as text, which may be `unknown`.
  const ofKey = sql`
    ${lastSeenAt ? sql`and ${isWithin(queries, sql`api_key.last_used_at`, lastSeenAt)}` : none}
    ${
      network
        ? sql`and case when api_key.last_used_network ~ '^[0-9a-f.:]+/[0-9]+$'
            then api_key.last_used_network::inet <<= ${network}::text::inet else false end`
        : none
    }
    ${country ? sql`and api_key.last_used_country = ${country}` : none}`
  const bySession = sessions(queries, limits, ofSession)
  return ownersOf(queries, device ? [bySession] : [bySession, apiKeys(queries, ofKey)])
}

function hasOneOf(queries: Queries, kinds: readonly RevocationKind[], limits: SessionLimits): Fragment {
  const none = queries.sql``
  const lists: Readonly<Record<RevocationKind, () => Fragment>> = {
    sessions: () => sessions(queries, limits, none),
    apiKeys: () => apiKeys(queries, none),
    sshKeys: () => sshKeys(queries, none),
  }
  return ownersOf(
    queries,
    kinds.map((kind) => lists[kind]()),
  )
}

/** Not correlated: the planner may begin with the credentials where those are few, or with the accounts. */
function ownersOf(queries: Queries, lists: readonly Fragment[]): Fragment {
  const { sql } = queries
  return sql`account.id in (${lists.reduce((all, one) => sql`${all} union all ${one}`)})`
}

function sessions(queries: Queries, limits: SessionLimits, more: Fragment): Fragment {
  return queries.sql`
    select session.account_id from sessions as session join accounts as account on account.id = session.account_id
    where ${isStandingSession(queries, limits)} ${more}`
}

function apiKeys(queries: Queries, more: Fragment): Fragment {
  return queries.sql`
    select api_key.account_id from api_keys as api_key join accounts as account on account.id = api_key.account_id
    where ${isStandingApiKey(queries)} ${more}`
}

function sshKeys(queries: Queries, more: Fragment): Fragment {
  return queries.sql`
    select ssh_key.account_id from ssh_keys as ssh_key join accounts as account on account.id = ssh_key.account_id
    where ${isStandingSshKey(queries)} ${more}`
}

function isWithin(queries: Queries, column: Fragment, { after, before }: Span): Fragment {
  const { sql } = queries
  return sql`${column} >= ${after ?? '-infinity'}::text::timestamptz and ${column} < ${before ?? 'infinity'}::text::timestamptz`
}
