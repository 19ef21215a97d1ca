import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import { oldestIdWithin } from './age.ts'

/** What the history of an account says to a login that is just being made. */
export interface LoginHistory {
  /** Good logins of the last 90 days. */
  readonly logins: number
  /** Of these, from such a device. */
  readonly fromDevice: number
  /** Of these, from this country. */
  readonly fromCountry: number
  /** Failed attempts since the last good one; counted to 1000. */
  readonly failures: number
  /** Seconds since the last good one, and where it came from; `null` where there is none in the history. */
  readonly lastSecondsAgo: number | null
  readonly lastCountry: string | null
  /** Days since the account was made. */
  readonly accountDays: number
}

/** Reads what a login is compared with. Uses `login_events_account`. */
export async function readLoginHistory(
  queries: Queries,
  accountId: Id<'account'>,
  device: string,
  country: string | null,
): Promise<LoginHistory> {
  const [row] = await queries.sql<LoginHistory[]>`
    with last as (
      select id, country, occurred_at from login_events
      where account_id = ${accountId} and outcome = 'success' order by id desc limit 1
    ), good as (
      select count(*)::int as logins, count(*) filter (where device = ${device})::int as from_device,
        count(*) filter (where country is not distinct from ${country})::int as from_country
      from login_events
      where account_id = ${accountId} and outcome = 'success' and occurred_at > now() - interval '90 days'
    ), failed as (
      select count(*)::int as failures from (
        select from login_events
        where account_id = ${accountId} and id > coalesce((select id from last), '00000000-0000-0000-0000-000000000000')
          and outcome in ('wrong_password', 'wrong_code', 'throttled')
        limit 1000) as one
    )
    select good.logins, good.from_device as "fromDevice", good.from_country as "fromCountry", failed.failures,
      extract(epoch from now() - last.occurred_at)::float8 as "lastSecondsAgo", last.country as "lastCountry",
      extract(epoch from now() - account.created_at)::float8 / 86400 as "accountDays"
    from accounts as account cross join good cross join failed left join last on true
    where account.id = ${accountId}`
  if (!row) throw new Error('an account that was just locked is not there')
  return row
}

/** How often within an hour a password was right and the code was not. Uses `login_events_account`. */
export async function countWrongCodes(queries: Queries, accountId: Id<'account'>): Promise<number> {
  const [row] = await queries.sql<{ count: number }[]>`
    select count(*)::int as count from login_events
    where account_id = ${accountId} and id > ${oldestIdWithin(queries, 1 / 24)} and outcome = 'wrong_code'`
  return row?.count ?? 0
}
