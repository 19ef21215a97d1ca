import type { Id } from '@portcullis/contracts/ids'
import type { KindCounts } from '@portcullis/contracts/revocation'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { countByAccount, finishChunk, placeTargets, tellAndTotal } from './revocation-chunk-part.ts'
import type { SessionLimits } from './session.ts'

/**
 * Revokes what a chunk of accounts has, all in one statement: sessions, API keys, SSH keys with their places on rented servers;
 * the audit events that single revocations make, with what webhooks are owed; one notice an account, with its job, behind
 * whatever else is to be mailed; and what it came to for each target. The accounts must be locked by this transaction.
 * Judged under the house's epoch of before its own fence; what was issued after the start is left alone. `is true` keeps the
 * planner from the indexes of the sweeps, which would lead through all living sessions: it goes by account, whatever it believes.
 */
export async function revokeChunk(
  tx: Tx,
  id: Id<'revocation'>,
  accountIds: readonly Id<'account'>[],
  limits: SessionLimits,
): Promise<KindCounts> {
  const [row] = await tx.sql<(KindCounts & { owed: number })[]>`
    with job as (
      select id, kinds, started_at, started_by, global_epoch,
        case when spares_own_session then created_by_session end as spared
      from bulk_revocations where id = ${id}
    ), account as (
      select account.id, account.security_epoch from unnest(${[...accountIds]}::uuid[]) as given (id)
      join accounts as account on account.id = given.id
    ), session as (
      update sessions as session set revoked_at = now(), revoked_because = 'bulk', revoked_by = job.id from account, job
      where 'sessions' = any(job.kinds) and session.account_id = account.id and session.revoked_at is null
        and session.epoch = account.security_epoch and session.global_epoch >= job.global_epoch
        and session.created_at <= job.started_at and (session.expires_at > now()) is true
        and (session.last_seen_at > now() - ${limits.idleSeconds} * interval '1 s') is true and session.id is distinct from job.spared
      returning session.account_id
    ), api_key as (
      update api_keys as api_key set revoked_at = now(), revoked_because = 'bulk', revoked_by = job.id from account, job
      where 'apiKeys' = any(job.kinds) and api_key.account_id = account.id and api_key.revoked_at is null
        and api_key.epoch = account.security_epoch and api_key.global_epoch >= job.global_epoch
        and api_key.created_at <= job.started_at and (api_key.expires_at is null or api_key.expires_at > now())
      returning api_key.id, api_key.account_id
    ), ssh_key as (
      update ssh_keys as ssh_key set revoked_at = now(), revoked_because = 'bulk', revoked_by = job.id from account, job
      where 'sshKeys' = any(job.kinds) and ssh_key.account_id = account.id and ssh_key.revoked_at is null
        and ssh_key.epoch = account.security_epoch and ssh_key.global_epoch >= job.global_epoch
        and ssh_key.created_at <= job.started_at
      returning ssh_key.id, ssh_key.account_id
    ), withdrawn as (
      update rental_keys set state = 'withdrawn', changed_at = now(), confirmed_at = null from ssh_key
      where rental_keys.ssh_key_id = ssh_key.id and rental_keys.state <> 'withdrawn'
      returning rental_keys.ssh_key_id
    ), counted as ${countByAccount(tx, accountIds)}, target as (
      update revocation_targets as target
      set state = 'done', done_at = now(), sessions = counted.sessions, api_keys = counted.api_keys, ssh_keys = counted.ssh_keys
      from ${placeTargets(tx, id)} where target.ctid = counted.place
    ), event as ${insertRevokedEvents(tx)}, notice as (
      insert into notices (id, account_id, kind, details, link_salt)
      select uuidv7(), account_id, case when sessions > 0 then 'sessions_revoked' else 'keys_revoked' end,
        jsonb_strip_nulls(jsonb_build_object('sessions', nullif(sessions, 0), 'apiKeys', nullif(api_keys, 0),
          'sshKeys', nullif(ssh_keys, 0), 'revocationId', job.id)), uuid_send(gen_random_uuid())
      from counted, job where sessions + api_keys + ssh_keys > 0
      returning id
    ), ${tellAndTotal(tx)}`
  return finishChunk(tx, row)
}

/** The audit events that single revocations make, of `counted`, `api_key`, `ssh_key` and `withdrawn`. */
function insertRevokedEvents(queries: Queries) {
  return queries.sql`(
    insert into audit_events (id, action, account_id, actor, actor_id, subject_kind, subject_id, details)
      select uuidv7(), 'sessions_revoked', account_id, 'admin', job.started_by, 'account', account_id,
        jsonb_build_object('revoked', sessions, 'because', 'bulk', 'revocationId', job.id)
      from counted, job where sessions > 0
      union all
      select uuidv7(), 'api_key_revoked', account_id, 'admin', job.started_by, 'api_key', api_key.id,
        jsonb_build_object('because', 'bulk', 'revocationId', job.id)
      from api_key, job
      union all
      select uuidv7(), 'ssh_key_revoked', (array_agg(account_id) filter (where account_id is not null))[1], 'admin',
        job.started_by, 'ssh_key', on_rental.id,
        jsonb_build_object('because', 'bulk', 'rentals', sum(rentals), 'revocationId', job.id)
      from (
        select id, account_id, 0 as rentals from ssh_key union all select ssh_key_id, null, 1 from withdrawn
      ) as on_rental, job group by on_rental.id, job.id, job.started_by
      returning id, action)`
}
