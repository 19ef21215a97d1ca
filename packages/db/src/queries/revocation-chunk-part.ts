import type { Id } from '@portcullis/contracts/ids'
import { priorities } from '@portcullis/contracts/messages/message'
import { sendNotice } from '@portcullis/contracts/messages/send-notice'
import type { KindCounts } from '@portcullis/contracts/revocation'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { insertDeliveryJobs } from './webhook-delivery-job.ts'

/** How long the mails of a bulk revocation wait for others of their kind, as those of single ones do. */
const burstSeconds = 3

/**
 * `counted` with the place of each target. Found one by one, through the key: a planner without statistics of a young table would
 * go through all targets for each of them. The rows are locked by this transaction, so they stay where they are.
 */
export function placeTargets(queries: Queries, id: Id<'revocation'>) {
  return queries.sql`(
    select counted.*, found.place from counted cross join lateral (
      select ctid as place from revocation_targets where revocation_id = ${id} and account_id = counted.account_id limit 1
    ) as found
  ) as counted`
}

/** Counts by account. Grouped, not joined: joins of such lists go through all of both where hashing is forbidden. */
export function countByAccount(queries: Queries, accountIds: readonly Id<'account'>[]) {
  return queries.sql`(
    select account_id, sum(sessions)::int as sessions, sum(api_keys)::int as api_keys, sum(ssh_keys)::int as ssh_keys
    from (
      select id, 0, 0, 0 from unnest(${[...accountIds]}::uuid[]) as given (id)
      union all select account_id, 1, 0, 0 from session
      union all select account_id, 0, 1, 0 from api_key
      union all select account_id, 0, 0, 1 from ssh_key
    ) as one (account_id, sessions, api_keys, ssh_keys) group by account_id)`
}

/** Behind all else that is to be mailed: a hundred thousand of these must not hold up the news of a single break-in. */
function insertNoticeJobs(queries: Queries) {
  const { name, version, heardBy } = sendNotice
  return queries.sql`(
    insert into jobs (id, message, version, hearer, payload, priority, run_at)
    select uuidv7(), ${name}, ${version}, ${heardBy[0]}, jsonb_build_object('noticeId', notice.id),
      ${priorities.bulk}::smallint, now() + ${burstSeconds} * interval '1 s'
    from notice)`
}

function insertDeliveries(queries: Queries) {
  return queries.sql`(
    insert into webhook_deliveries (id, endpoint_id, audit_event_id)
    select uuidv7(), endpoint.id, event.id
    from webhook_endpoints as endpoint join event on event.action = any(endpoint.actions)
    where endpoint.state = 'active'
    returning id, lockdown_id)`
}

/**
 * The end of a statement whose CTEs `event`, `notice` and `counted` wrote what they say: jobs of the notices, deliveries to
 * webhooks with their jobs; and what it came to.
 */
export function tellAndTotal(queries: Queries) {
  return queries.sql`
    told as ${insertNoticeJobs(queries)}, delivery as ${insertDeliveries(queries)}, owed as (${insertDeliveryJobs(queries)})
    select coalesce(sum(sessions), 0)::int as sessions, coalesce(sum(api_keys), 0)::int as "apiKeys",
      coalesce(sum(ssh_keys), 0)::int as "sshKeys", (select count(*)::int from owed) as owed
    from counted`
}

/** What a chunk came to; wakes relays where it owes anybody anything. */
export function finishChunk(tx: Tx, row: (KindCounts & { readonly owed: number }) | undefined): KindCounts {
  if (!row) throw new Error('a count is always answered')
  const { owed, ...counts } = row
  if (owed + counts.sessions + counts.apiKeys + counts.sshKeys > 0) tx.wakeAfterCommit()
  return counts
}
