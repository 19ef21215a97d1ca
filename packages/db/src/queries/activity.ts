import type { Id } from '@portcullis/contracts/ids'
import type { NoticeKind } from '@portcullis/contracts/notice-kind'
import type { Queries } from '../connect.ts'

/** An attempt to log in, as the owner sees it. */
export interface LoginActivity {
  readonly type: 'login'
  readonly id: string
  readonly occurredAt: Date
  readonly outcome: 'success' | 'wrong_password' | 'second_factor_required' | 'wrong_code' | 'throttled' | 'refused'
  readonly factors: string
  readonly network: string | null
  readonly country: string | null
  readonly device: string
}

/** Something that the owner was told of. */
export interface NoticeActivity {
  readonly type: 'notice'
  readonly id: string
  readonly occurredAt: Date
  readonly kind: NoticeKind
  readonly ip: string | null
  readonly userAgent: string | null
}

/** The id that is behind all others. */
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/**
 * Lists what happened in an account within 90 days, newest first, from before an id. Ids of both kinds are in order of time.
 * Uses `login_events_account` and `notices_account`, from each no more than a page.
 */
export async function listActivity(
  queries: Queries,
  accountId: Id<'account'>,
  before: string | null,
  most: number,
): Promise<(LoginActivity | NoticeActivity)[]> {
  const rows = await queries.sql<(LoginActivity | NoticeActivity)[]>`
    select * from (
      (select 'login' as type, id, occurred_at as "occurredAt", outcome, factors, network, country, device,
        null as kind, null as ip, null as "userAgent"
      from login_events
      where account_id = ${accountId} and id < ${before ?? lastId}::uuid and occurred_at > now() - interval '90 days'
      order by id desc limit ${most})
      union all
      (select 'notice', id, occurred_at, null, null, null, null, null, kind, host(ip), user_agent
      from notices
      where account_id = ${accountId} and id < ${before ?? lastId}::uuid and occurred_at > now() - interval '90 days'
      order by id desc limit ${most})
    ) as happened
    order by id desc limit ${most}`
  return [...rows]
}
