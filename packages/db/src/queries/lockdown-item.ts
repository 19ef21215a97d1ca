import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** Days that a review looks back. */
const reviewDays = 90
/** Things in one review. */
const itemsMost = 200
/** Logins in one review: an intruder who tries passwords must not crowd out what they have made. */
const loginsMost = 100

/** What was gathered. */
export interface GatheredItems {
  readonly lockdownId: Id<'lockdown'>
  readonly added: number
}

/**
 * Gathers what there is to look through: what was made, changed or reported within 90 days before the lockdowns, 200 things
 * at most, the suspect first. Again: adds what is missing, and judges anew what is suspect. No secret, no full address.
 */
export async function gatherItems(tx: Tx, ids: readonly Id<'lockdown'>[]): Promise<GatheredItems[]> {
  const rows = await tx.sql<GatheredItems[]>`
    with gathered as (
      insert into lockdown_items as item (id, lockdown_id, kind, subject, occurred_at, summary, suspect)
      select uuidv7(), lockdown.id, found.kind, found.subject, found.occurred_at, found.summary,
        found.occurred_at >= lockdown.compromised_since
      from lockdowns as lockdown cross join lateral (${foundOf(tx)}) as found
      where lockdown.id = any(${[...ids]}::uuid[])
      on conflict (lockdown_id, kind, subject) do update set suspect = excluded.suspect, summary = excluded.summary
        where item.suspect <> excluded.suspect
      returning item.lockdown_id, xmax = 0 as added
    )
    select lockdown_id as "lockdownId", count(*)::int as added from gathered where added group by lockdown_id`
  return [...rows]
}

/** How a review stands. */
export interface ReviewState {
  readonly lockdownId: Id<'lockdown'>
  readonly items: number
  readonly suspect: number
  /** Found, and not among the items. */
  readonly missing: number
  /** Among the items, but called suspect or not by another window than that of the lockdown. */
  readonly misjudged: number
}

/** Looks again for all there is, and tells what of it is not among the items. */
export async function countItems(queries: Queries, ids: readonly Id<'lockdown'>[]): Promise<ReviewState[]> {
  const rows = await queries.sql<ReviewState[]>`
    select lockdown.id as "lockdownId", held.items, held.suspect, held.misjudged, (
      select count(*)::int from (${foundOf(queries)}) as found where not exists (
        select from lockdown_items as item where item.lockdown_id = lockdown.id and item.kind = found.kind
          and item.subject = found.subject)) as missing
    from lockdowns as lockdown cross join lateral (
      select count(*)::int as items, count(*) filter (where item.suspect)::int as suspect,
        count(*) filter (where item.suspect <> (item.occurred_at >= lockdown.compromised_since))::int as misjudged
      from lockdown_items as item where item.lockdown_id = lockdown.id
    ) as held
    where lockdown.id = any(${[...ids]}::uuid[])`
  return [...rows]
}

/** What is found for a `lockdown`, as `kind`, `subject`, `occurred_at`, `summary`. Each part goes by an index of the account. */
function foundOf(queries: Queries) {
  const { sql } = queries
  return sql`
    select kind, subject, occurred_at, summary from (
      select kind, subject, occurred_at, summary, occurred_at >= lockdown.compromised_since as suspect from (
        ${sessionsOf(queries)} union all ${loginsOf(queries)} union all ${keysOf(queries)}
        union all ${changesOf(queries)} union all ${reportsOf(queries)}
      ) as any_kind
      where occurred_at > lockdown.opened_at - ${reviewDays} * interval '1 day'
    ) as judged
    order by suspect desc, occurred_at desc, kind, subject limit ${itemsMost}`
}

/** Sessions that were alive when the lockdown was opened: its snapshot has them. */
function sessionsOf({ sql }: Queries) {
  return sql`
    select 'session' as kind, session.id::text as subject, session.created_at as occurred_at, jsonb_build_object(
      'deviceName', session.device_name, 'country', session.country, 'secondFactor', session.second_factor,
      'lastSeenAt', session.last_seen_at) as summary
    from jsonb_array_elements_text(lockdown.snapshot -> 'sessions') as held (id)
    join sessions as session on session.id = held.id::uuid`
}

/** Attempts to log in until the lockdown: those since are refused, and would make the review grow for ever. */
function loginsOf({ sql }: Queries) {
  return sql`(
    select 'login', login.id::text, login.occurred_at, jsonb_build_object('outcome', login.outcome,
      'factors', login.factors, 'network', login.network, 'country', login.country, 'device', login.device,
      'sessionId', login.session_id)
    from login_events as login
    where login.account_id = lockdown.account_id and login.occurred_at <= lockdown.opened_at
    order by login.id desc limit ${loginsMost})`
}

function keysOf({ sql }: Queries) {
  return sql`(
    select 'api_key', api_key.id::text, api_key.created_at, jsonb_build_object('name', api_key.name,
      'prefix', api_key.prefix, 'last4', api_key.last4, 'scopes', to_jsonb(api_key.scopes),
      'lastUsedAt', api_key.last_used_at, 'lastUsedCountry', api_key.last_used_country,
      'revokedBecause', api_key.revoked_because)
    from api_keys as api_key
    where api_key.account_id = lockdown.account_id and api_key.epoch < lockdown.epoch
    order by api_key.id desc limit 40
  ) union all (
    select 'ssh_key', ssh_key.id::text, ssh_key.created_at, jsonb_build_object('name', ssh_key.name, 'type', ssh_key.type,
      'fingerprint', 'SHA256:' || rtrim(encode(ssh_key.fingerprint, 'base64'), '='),
      'revokedBecause', ssh_key.revoked_because)
    from ssh_keys as ssh_key
    where ssh_key.account_id = lockdown.account_id and ssh_key.epoch < lockdown.epoch
    order by ssh_key.id desc limit 40)`
}

/** Of a new address the first letter and the domain are shown. */
function changesOf({ sql }: Queries) {
  return sql`(
    select 'email_change', change.id::text, coalesce(change.confirmed_at, change.requested_at), jsonb_build_object(
      'state', change.state, 'to', left(change.new_email, 1) || '…@' || split_part(change.new_email, '@', 2),
      'revertUntil', change.revert_until)
    from email_changes as change
    where change.account_id = lockdown.account_id and change.epoch < lockdown.epoch
    order by change.requested_at desc limit 20
  ) union all
    select 'second_factor', 'totp', (lockdown.snapshot #>> '{secondFactor,confirmedAt}')::timestamptz, jsonb_build_object(
      'kept', (lockdown.snapshot #>> '{secondFactor,confirmedAt}')::timestamptz < lockdown.compromised_since)
    where lockdown.snapshot #>> '{secondFactor,confirmedAt}' is not null
  union all
    select 'password', 'password', account.password_changed_at, '{}'::jsonb from accounts as account
    where account.id = lockdown.account_id and account.password_changed_at > account.created_at
      and account.password_changed_at <= lockdown.opened_at`
}

/** Transactions that the product reported as suspicious. It names them itself; two back ends may use one name. */
function reportsOf({ sql }: Queries) {
  return sql`(
    select 'transaction', signal.id::text, signal.occurred_at, jsonb_build_object('reference', signal.reference,
      'level', signal.level, 'reason', signal.reason)
    from risk_signals as signal
    where signal.account_id = lockdown.account_id and signal.kind = 'transaction'
    order by signal.received_at desc limit 60)`
}
