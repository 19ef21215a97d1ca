import type { Id } from '@portcullis/contracts/ids'
import type { KindCounts } from '@portcullis/contracts/revocation'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { countByAccount, finishChunk, placeTargets, tellAndTotal } from './revocation-chunk-part.ts'
import type { SessionLimits } from './session.ts'

/**
 * Brings back what a revocation has taken from a chunk of accounts, in one statement with audit events, notices and counts, as
 * above. Not what has run out, was issued under an older fence, belongs to an account that is not active, finds no room (50
 * sessions, three slots of each kind of key, a key that was added anew), or what somebody has ended since: with all sessions
 * of the account, by a new password, or by another bulk revocation. What is brought back lives under the present epoch of
 * the house, unless that was raised by another than this revocation: then nothing is. The accounts must be locked.
 */
export async function restoreChunk(
  tx: Tx,
  id: Id<'revocation'>,
  accountIds: readonly Id<'account'>[],
  limits: SessionLimits,
): Promise<KindCounts> {
  const [row] = await tx.sql<(KindCounts & { owed: number })[]>`
    with job as (
      select id, undone_by, coalesce((select epoch from fences), 1) as house from bulk_revocations
      where id = ${id} and coalesce((select epoch from fences), 1) = global_epoch + fence::int
    ), account as ${fitAccounts(tx, id, accountIds)}, session as (
      update sessions as session
      set revoked_at = null, revoked_because = null, revoked_by = null, global_epoch = fit.house
      from (
        select candidate.id, job.house from account cross join job cross join lateral (
          select id from sessions where revoked_by = job.id and account_id = account.id and epoch = account.security_epoch
            and (expires_at > now()) is true
            and (last_seen_at > now() - ${limits.idleSeconds} * interval '1 s') is true
          order by last_seen_at desc, id desc
          limit greatest(0, ${limits.most} - (
            select count(*) from sessions as living where living.account_id = account.id and living.revoked_at is null
              and (living.expires_at > now()) is true))
        ) as candidate where not 'sessions' = any(account.blocked)
      ) as fit
      where session.id = fit.id returning session.account_id
    ), api_key as ${restoreApiKeys(tx)}, ssh_key as ${restoreSshKeys(tx)}, deployed as (
      insert into rental_keys (rental_id, ssh_key_id)
      select rental.id, ssh_key.id from ssh_key join rentals as rental
        on rental.account_id = ssh_key.account_id and rental.ended_at is null
      on conflict (rental_id, ssh_key_id) do update set state = 'pending', changed_at = now(), confirmed_at = null
    ), counted as ${countByAccount(tx, accountIds)}, target as (
      update revocation_targets as target set state = 'undone' from ${placeTargets(tx, id)}
      where target.ctid = counted.place
    ), event as (
      insert into audit_events (id, action, account_id, actor, actor_id, subject_kind, subject_id, details)
      select uuidv7(), 'sessions_restored', account_id, 'admin', job.undone_by, 'account', account_id,
        jsonb_build_object('restored', sessions, 'because', 'undo', 'revocationId', job.id)
      from counted, job where sessions > 0
      union all
      select uuidv7(), 'api_key_restored', account_id, 'admin', job.undone_by, 'api_key', api_key.id,
        jsonb_build_object('because', 'undo', 'revocationId', job.id)
      from api_key, job
      union all
      select uuidv7(), 'ssh_key_restored', account_id, 'admin', job.undone_by, 'ssh_key', ssh_key.id,
        jsonb_build_object('because', 'undo', 'revocationId', job.id)
      from ssh_key, job
      returning id, action
    ), notice as (
      insert into notices (id, account_id, kind, details, link_salt)
      select uuidv7(), account_id, 'access_restored',
        jsonb_build_object('restored', sessions + api_keys + ssh_keys, 'revocationId', job.id), uuid_send(gen_random_uuid())
      from counted, job where sessions + api_keys + ssh_keys > 0
      returning id
    ), ${tellAndTotal(tx)}`
  return finishChunk(tx, row)
}

/** Audit actions that end all sessions of an account: what was ended once more stays ended. */
const endsSessions = [
  'sessions_revoked',
  'other_sessions_revoked',
  'authn_password_change',
  'authn_password_reset',
  'email_changed',
  'account_disabled',
  'account_locked',
]

/** Active accounts of a chunk, and which kinds of credentials of theirs somebody has ended since. */
function fitAccounts(queries: Queries, id: Id<'revocation'>, accountIds: readonly Id<'account'>[]) {
  return queries.sql`(
    select account.id, account.security_epoch, array(
      select kind from bulk_revocations as other
      join revocation_targets as again on again.revocation_id = other.id and again.account_id = account.id
      cross join unnest(other.kinds) as kind
      where other.id <> ${id} and again.state = 'done'
        and again.done_at > target.done_at
    ) || case when account.password_changed_at > target.done_at or exists (
      select from audit_events as event
      where event.account_id = account.id and event.occurred_at > target.done_at
        and event.action = any(${endsSessions}::text[]) and event.details->>'revocationId' is distinct from ${id}::text
    ) then array['sessions'] else array[]::text[] end as blocked
    from unnest(${[...accountIds]}::uuid[]) as given (id)
    join accounts as account on account.id = given.id and account.state = 'active'
    cross join lateral (
      select done_at from revocation_targets where revocation_id = ${id} and account_id = given.id limit 1
    ) as target)`
}

/** Into the lowest free slots, the oldest first; a key in the overlap of its rotation holds none, and three of those may be. */
function restoreApiKeys(queries: Queries) {
  return queries.sql`(
    update api_keys as api_key
    set revoked_at = null, revoked_because = null, revoked_by = null, global_epoch = fit.house, slot = fit.slot
    from (
      select candidate.id, candidate.slot, job.house from account cross join job cross join lateral (
        select taken.id, free.slot from (
          select id, row_number() over (order by id) as place from api_keys
          where revoked_by = job.id and account_id = account.id and slot is not null and epoch = account.security_epoch
            and (expires_at is null or expires_at > now())
        ) as taken join (
          select slot, row_number() over (order by slot) as place from generate_series(1, 3) as slot
          where not exists (select from api_keys as held
            where held.account_id = account.id and held.slot = slot.slot and held.revoked_at is null)
        ) as free on free.place = taken.place
        union all
        select id, null::int from (
          select id from api_keys
          where revoked_by = job.id and account_id = account.id and slot is null and epoch = account.security_epoch
            and expires_at > now()
          order by expires_at desc, id desc
          limit greatest(0, 3 - (select count(*) from api_keys as held where held.account_id = account.id
            and held.slot is null and held.revoked_at is null and held.expires_at > now()))
        ) as overlapping
      ) as candidate where not 'apiKeys' = any(account.blocked)
    ) as fit
    where api_key.id = fit.id returning api_key.id, api_key.account_id)`
}

function restoreSshKeys(queries: Queries) {
  return queries.sql`(
    update ssh_keys as ssh_key
    set revoked_at = null, revoked_because = null, revoked_by = null, global_epoch = fit.house, slot = fit.slot
    from (
      select candidate.id, candidate.slot, job.house from account cross join job cross join lateral (
        select taken.id, free.slot from (
          select id, row_number() over (order by id) as place from ssh_keys as once
          where revoked_by = job.id and account_id = account.id and epoch = account.security_epoch
            and not exists (select from ssh_keys as held where held.account_id = account.id
              and held.fingerprint = once.fingerprint and held.revoked_at is null)
        ) as taken join (
          select slot, row_number() over (order by slot) as place from generate_series(1, 3) as slot
          where not exists (select from ssh_keys as held
            where held.account_id = account.id and held.slot = slot.slot and held.revoked_at is null)
        ) as free on free.place = taken.place
      ) as candidate where not 'sshKeys' = any(account.blocked)
    ) as fit
    where ssh_key.id = fit.id returning ssh_key.id, ssh_key.account_id)`
}
