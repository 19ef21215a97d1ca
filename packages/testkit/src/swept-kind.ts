import type { SweepName } from '@portcullis/contracts/sweep-name'
import type { Queries } from '@portcullis/db/connect'
import { sweptWishes } from './swept-wish.ts'

const day = 86_400

/** Writes a row whose clock was at `moment`, and gives its key. */
type Write = (sql: Queries['sql'], moment: ReturnType<Queries['sql']>) => Promise<readonly { key: string }[]>

/** One kind of row that is swept: how long it stays, by which index it leaves, and how one is made. */
export interface SweptKind {
  readonly sweep: SweepName
  readonly what: string
  readonly seconds: number
  readonly indexes: readonly string[]
  /** Rows of this table are looked for by `key`. */
  readonly table: string
  readonly key: string
  readonly write: Write
  /** What is left of it, where it does not leave. */
  readonly ends?: string
}

const owner = (sql: Queries['sql']) => sql`
  owner as (
    insert into accounts (id, email, email_key, name, password_changed_at)
    select id, id || '@example.com', id || '@example.com', 'n', now() from (select uuidv7() as id) as made
    returning id
  )`

/** SQL: an id that was made at `moment`. */
const idAt = (sql: Queries['sql'], moment: ReturnType<Queries['sql']>) => sql`
  (lpad(to_hex((extract(epoch from ${moment}) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex((random() * 1e9)::bigint), 15, '0'))::uuid`

const session = (sql: Queries['sql'], seen: unknown, expires: unknown, revoked: unknown) =>
  sql<{ key: string }[]>`
    with ${owner(sql)}
    insert into sessions (id, account_id, token_hash, epoch, last_seen_at, expires_at, revoked_at)
    select uuidv7(), id, sha256(id::text::bytea), 1, ${seen as never}, ${expires as never}, ${revoked as never} from owner
    returning id as key`

/**
 * All of them, under settings that differ from each other where the sweeps do: 30 days for credentials, 31 resets, 32
 * deliveries, 90 logins, 91 notices, 92 signals, 93 rentals, 180 devices, 365 operations, 7 jobs.
 */
export const sweptKinds: readonly SweptKind[] = [
  {
    sweep: 'sessions.idle',
    what: 'a session that was not used',
    seconds: 14 * day,
    indexes: ['sessions_idle'],
    table: 'sessions',
    key: 'id',
    write: (sql, moment) => session(sql, moment, sql`now() + interval '1 day'`, null),
  },
  {
    sweep: 'sessions.expired',
    what: 'a session at its absolute limit',
    seconds: 0,
    indexes: ['sessions_expires'],
    table: 'sessions',
    key: 'id',
    write: (sql, moment) => session(sql, sql`now()`, moment, null),
  },
  {
    sweep: 'sessions.ended',
    what: 'a session that was revoked',
    seconds: 30 * day,
    indexes: ['sessions_ended'],
    table: 'sessions',
    key: 'id',
    write: (sql, moment) => session(sql, sql`now()`, sql`now()`, moment),
  },
  ...(['revoked_at', 'expires_at'] as const).map((column): SweptKind => ({
    sweep: 'api-keys.over',
    what: `an API key by ${column}`,
    seconds: 30 * day,
    indexes: ['api_keys_over'],
    table: 'api_keys',
    key: 'id',
    write: (sql, moment) => sql`
        with ${owner(sql)}
        insert into api_keys (id, account_id, name, prefix, last4, key_hash, scopes, epoch, ${sql(column)})
        select uuidv7(), id, 'n', 'p', 'last', sha256(id::text::bytea), '{}', 1, ${moment} from owner returning id as key`,
  })),
  {
    sweep: 'resets.expired',
    what: 'a reset whose token ran out',
    seconds: 0,
    indexes: ['password_resets_expires_at', 'password_resets_pkey'],
    table: 'password_resets',
    key: 'id',
    ends: "state = 'ready'",
    write: (sql, moment) => sql`
      insert into password_resets (id, salt, token_hash, state, expires_at, ip)
      values (uuidv7(), '\\x00', sha256(random()::text::bytea), 'ready', ${moment}, '203.0.113.7') returning id as key`,
  },
  {
    sweep: 'resets.old',
    what: 'a request for a reset',
    seconds: 31 * day,
    indexes: ['password_resets_pkey'],
    table: 'password_resets',
    key: 'id',
    write: (sql, moment) => sql`
      insert into password_resets (id, salt, state) values (${idAt(sql, moment)}, '\\x00', 'unknown') returning id as key`,
  },
  {
    sweep: 'registrations.old',
    what: 'a registration that ran out',
    seconds: day,
    indexes: ['registrations_expires_at', 'registrations_pkey'],
    table: 'registrations',
    key: 'id',
    write: (sql, moment) => sql`
      insert into registrations (id, email, email_key, name, password_hash, salt, expires_at)
      values (uuidv7(), 'e', 'e', 'n', 'h', '\\x00', ${moment}) returning id as key`,
  },
  {
    sweep: 'challenges.old',
    what: 'a login that waited for its second factor',
    seconds: day,
    indexes: ['login_challenges_expires_at', 'login_challenges_pkey'],
    table: 'login_challenges',
    key: 'id',
    write: (sql, moment) => sql`
      with ${owner(sql)}
      insert into login_challenges (id, account_id, token_hash, epoch, cookie, expires_at)
      select uuidv7(), id, sha256(id::text::bytea), 1, false, ${moment} from owner returning id as key`,
  },
  {
    sweep: 'second-factors.pending',
    what: 'an enrolment that was never confirmed',
    seconds: day,
    indexes: ['totp_factors_pending'],
    table: 'totp_factors',
    key: 'account_id',
    write: (sql, moment) => sql`
      with ${owner(sql)}
      insert into totp_factors (account_id, secret_sealed, created_at) select id, 's', ${moment} from owner
      returning account_id as key`,
  },
  {
    sweep: 'email-changes.over',
    what: 'a change of address that was not confirmed',
    seconds: 0,
    indexes: ['email_changes_revertible', 'email_changes_expires_at', 'email_changes_pkey', 'lockdowns_one'],
    table: 'email_changes',
    key: 'id',
    ends: "state = 'requested'",
    write: (sql, moment) => sql`
      with ${owner(sql)}
      insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, confirm_salt,
        revert_salt, epoch, expires_at)
      select uuidv7(), id, 'a', 'a', 'b', 'b', '\\x00', '\\x00', 1, ${moment} from owner returning id as key`,
  },
  {
    sweep: 'idempotency-keys.old',
    what: 'an idempotency key',
    seconds: day,
    indexes: ['idempotency_keys_created_at'],
    table: 'idempotency_keys',
    key: 'scope',
    write: (sql, moment) => sql`
      insert into idempotency_keys (route, scope, key_hash, body_hash, status, answer, created_at)
      values ('r', uuidv7()::text, '\\x00', '\\x00', 202, '{}', ${moment}) returning scope as key`,
  },
  {
    sweep: 'throttles.old',
    what: 'a counter of attempts',
    seconds: day,
    indexes: ['throttles_touched_at', 'throttles_pkey'],
    table: 'throttles',
    key: "encode(key_hash, 'hex')",
    write: (sql, moment) => sql`
      insert into throttles (key_hash, attempts, touched_at) values (sha256(uuidv7()::text::bytea), 1, ${moment})
      returning encode(key_hash, 'hex') as key`,
  },
  {
    sweep: 'devices.unseen',
    what: 'a browser that did not come back',
    seconds: 180 * day,
    indexes: ['known_devices_last_seen_at', 'known_devices_pkey'],
    table: 'known_devices',
    key: 'id',
    write: (sql, moment) => sql`
      with ${owner(sql)}
      insert into known_devices (id, account_id, token_hash, last_seen_at)
      select uuidv7(), id, sha256(id::text::bytea), ${moment} from owner returning id as key`,
  },
  {
    sweep: 'logins.old',
    what: 'an entry of the login history',
    seconds: 90 * day,
    indexes: ['login_events_pkey'],
    table: 'login_events',
    key: 'id',
    write: (sql, moment) => sql`
      with ${owner(sql)}
      insert into login_events (id, account_id, outcome, factors, device)
      select ${idAt(sql, moment)}, id, 'success', 'password', 'd' from owner returning id as key`,
  },
  {
    sweep: 'notices.old',
    what: 'a notice',
    seconds: 91 * day,
    indexes: ['notices_pkey'],
    table: 'notices',
    key: 'id',
    write: (sql, moment) => sql`
      with ${owner(sql)}
      insert into notices (id, account_id, kind) select ${idAt(sql, moment)}, id, 'new_device' from owner returning id as key`,
  },
  {
    sweep: 'mails.old',
    what: 'the record of a mail',
    seconds: 32 * day,
    indexes: ['mail_deliveries_pkey'],
    table: 'mail_deliveries',
    key: 'id',
    write: (sql, moment) => sql`
      insert into mail_deliveries (id, job_id, template, message_id)
      values (${idAt(sql, moment)}, uuidv7(), 't', 'm') returning id as key`,
  },
  {
    sweep: 'webhook-deliveries.old',
    what: 'a webhook delivery',
    seconds: 32 * day,
    indexes: ['webhook_deliveries_created_at'],
    table: 'webhook_deliveries',
    key: 'id',
    write: (sql, moment) => sql`
      with endpoint as (
        insert into webhook_endpoints (id, format, url, description, actions, events)
        values (uuidv7(), 'webhook', 'u', 'd', '{}', '{}') returning id
      )
      insert into webhook_deliveries (id, endpoint_id, audit_event_id, state, created_at)
      select uuidv7(), id, uuidv7(), 'delivered', ${moment} from endpoint returning id as key`,
  },
  {
    sweep: 'signals.old',
    what: 'what the product reported',
    seconds: 92 * day,
    indexes: ['risk_signals_received_at'],
    table: 'risk_signals',
    key: 'id',
    write: (sql, moment) => sql`
      with ${owner(sql)}
      insert into risk_signals (id, client_id, account_id, kind, level, reason, occurred_at, received_at, taken)
      select uuidv7(), uuidv7(), id, 'verdict', 'low', 'r', now(), ${moment}, 'noted' from owner returning id as key`,
  },
  {
    sweep: 'rentals.ended',
    what: 'a rental that was given back',
    seconds: 93 * day,
    indexes: ['rentals_ended'],
    table: 'rentals',
    key: 'id',
    write: (sql, moment) => sql`
      with ${owner(sql)}
      insert into rentals (id, account_id, host, token_hash, ended_at)
      select 'r' || id, id, 'h', sha256(id::text::bytea), ${moment} from owner returning id as key`,
  },
  ...sweptWishes,
  {
    sweep: 'operations.old',
    what: 'long work whose subject has left',
    seconds: 365 * day,
    indexes: ['operations_pkey', 'lockdowns_pkey', 'bulk_revocations_pkey', 'account_exports_pkey'],
    table: 'operations',
    key: 'id',
    write: (sql, moment) => sql`
      insert into operations (id, kind, actor, status) values (${idAt(sql, moment)}, 'lockdown', 'admin', 'done')
      returning id as key`,
  },
  ...(
    [
      ['done', 7],
      ['dead', 21],
    ] as const
  ).map(([state, days]): SweptKind => ({
    sweep: 'jobs.over',
    what: `a job that is ${state}`,
    seconds: days * day,
    indexes: ['jobs_ended', 'jobs_pkey'],
    table: 'jobs',
    key: 'id',
    write: (sql, moment) => sql`
        insert into jobs (id, message, version, hearer, payload, priority, state, done_at)
        values (uuidv7(), 'send.notice', 1, 'notifier', '{}', 0, ${state}, ${moment}) returning id as key`,
  })),
]
