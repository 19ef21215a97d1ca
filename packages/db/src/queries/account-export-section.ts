import type { ExportKind } from '@portcullis/contracts/account-export'
import { type Id, type IdKind, idPrefixes } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Fragment } from './kept-fragment.ts'

/** One line of an export: its fields, and where the next page begins. */
export type ExportedRow = Readonly<Record<string, unknown>> & { readonly key: string }

/** What a section is read with. */
interface Asked {
  readonly queries: Queries
  readonly accountId: Id<'account'>
  /** Key of the last row of the page before; the smallest there is at first. */
  readonly after: string
  readonly most: number
}

/** Before every id. */
const firstId = '00000000-0000-0000-0000-000000000000'

/** How each kind is read: every one by an index that begins with the account, a page at a time. Never a hash or a secret. */
const sections: Readonly<Record<ExportKind, (asked: Asked) => Fragment>> = {
  profile: (asked) => asked.queries.sql`
    select ${publicId(asked, 'account', 'account.id')} as id, account.email, account.name, account.language, account.role,
      account.state, account.created_at as "createdAt", account.password_changed_at as "passwordChangedAt",
      (select confirmed_at from totp_factors where account_id = account.id) as "twoFactorSince",
      (select count(*)::int from backup_codes where account_id = account.id and used_at is null) as "backupCodesLeft",
      coalesce((select muted from notification_preferences where account_id = account.id), '{}') as "mutedNotices",
      ${key(asked, 'account.id')}
    from accounts as account where account.id = ${asked.accountId} and account.id > ${asked.after}`,
  // Ended ones have no index by account, but the login history names them.
  session: (asked) => asked.queries.sql`
    select ${publicId(asked, 'session', 'session.id')} as id, session.device_name as "deviceName",
      session.user_agent as "userAgent", host(session.ip) as ip, session.country, session.second_factor as "secondFactor",
      session.created_at as "createdAt", session.last_seen_at as "lastSeenAt", session.expires_at as "expiresAt",
      session.revoked_at as "revokedAt", session.revoked_because as "revokedBecause", ${key(asked, 'session.id')}
    from (
      select id from sessions where account_id = ${asked.accountId} and revoked_at is null
      union select session_id from login_events where account_id = ${asked.accountId} and session_id is not null
    ) as known join sessions as session on session.id = known.id
    where session.account_id = ${asked.accountId} and session.id > ${asked.after}
    order by session.id limit ${asked.most}`,
  login: (asked) => asked.queries.sql`
    select occurred_at as "occurredAt", outcome, factors, network, country, device, ${key(asked, 'id')}
    from login_events ${page(asked)}`,
  known_device: (asked) => asked.queries.sql`
    select created_at as "createdAt", last_seen_at as "lastSeenAt", ${key(asked, 'id')} from known_devices ${page(asked)}`,
  api_key: (asked) => asked.queries.sql`
    select ${publicId(asked, 'apiKey', 'id')} as id, name, prefix, last4, scopes, created_at as "createdAt",
      expires_at as "expiresAt", last_used_at as "lastUsedAt", last_used_network as "lastUsedNetwork",
      last_used_country as "lastUsedCountry", revoked_at as "revokedAt", revoked_because as "revokedBecause",
      ${key(asked, 'id')}
    from api_keys ${page(asked)}`,
  ssh_key: (asked) => asked.queries.sql`
    select ${publicId(asked, 'sshKey', 'id')} as id, name, type as "keyType", canonical as "publicKey",
      created_at as "createdAt", revoked_at as "revokedAt", revoked_because as "revokedBecause", ${key(asked, 'id')}
    from ssh_keys ${page(asked)}`,
  rental: (asked) => asked.queries.sql`
    select id, host, created_at as "createdAt", ended_at as "endedAt", last_fetched_at as "lastFetchedAt", id as key
    from rentals where account_id = ${asked.accountId} and id > ${asked.after === firstId ? '' : asked.after}
    order by id limit ${asked.most}`,
  notice: (asked) => asked.queries.sql`
    select ${publicId(asked, 'notice', 'id')} as id, kind, occurred_at as "occurredAt", mailed_at as "mailedAt",
      host(ip) as ip, user_agent as "userAgent", details, ${key(asked, 'id')}
    from notices ${page(asked)}`,
  email_change: (asked) => asked.queries.sql`
    select ${publicId(asked, 'emailChange', 'id')} as id, old_email as "oldEmail", new_email as "newEmail", state,
      requested_at as "requestedAt", confirmed_at as "confirmedAt", ended_at as "endedAt", ${key(asked, 'id')}
    from email_changes ${page(asked)}`,
  password_reset: (asked) => asked.queries.sql`
    select state, requested_at as "requestedAt", ended_at as "endedAt", host(ip) as ip, user_agent as "userAgent",
      ${key(asked, 'id')}
    from password_resets ${page(asked)}`,
  lockdown: (asked) => asked.queries.sql`
    select ${publicId(asked, 'lockdown', 'id')} as id, trigger, reason, state, opened_at as "openedAt",
      contained_at as "containedAt", recovered_at as "recoveredAt", ${key(asked, 'id')}
    from lockdowns ${page(asked)}`,
  risk_signal: (asked) => asked.queries.sql`
    select ${publicId(asked, 'riskSignal', 'id')} as id, kind, level, reason, reference, occurred_at as "occurredAt",
      received_at as "receivedAt", ${key(asked, 'id')}
    from risk_signals ${page(asked)}`,
  closing: (asked) => asked.queries.sql`
    select ${publicId(asked, 'accountClosing', 'id')} as id, state, requested_at as "requestedAt", due_at as "dueAt",
      ended_at as "endedAt", ${key(asked, 'id')}
    from account_closings ${page(asked)}`,
  // What staff wrote about somebody is theirs; that they did it is told.
  audit_event: (asked) => asked.queries.sql`
    select ${publicId(asked, 'auditEvent', 'id')} as id, action, occurred_at as "occurredAt", actor,
      subject_kind as "subjectKind", case when actor in ('support', 'admin') then null else details end as details,
      to_char(occurred_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '|' || id as key
    from audit_events
    where account_id = ${asked.accountId} and (occurred_at, id) > (
      ${asked.after === firstId ? '1970-01-01T00:00:00Z' : (asked.after.split('|')[0] ?? '')}::text::timestamptz,
      ${asked.after === firstId ? firstId : (asked.after.split('|')[1] ?? '')}::uuid)
    order by occurred_at, id limit ${asked.most}`,
}

function page({ queries, accountId, after, most }: Asked) {
  return queries.sql`where account_id = ${accountId} and id > ${after} order by id limit ${most}`
}

function key({ queries }: Asked, column: string) {
  return queries.sql`${queries.sql(column)}::text as key`
}

function publicId({ queries }: Asked, kind: IdKind, column: string) {
  return queries.sql`${idPrefixes[kind]} || '_' || replace(${queries.sql(column)}::text, '-', '')`
}

/** Reads one page of what is kept of an account, of one kind: up to `most` rows behind `after`. */
export async function listExported(
  queries: Queries,
  kind: ExportKind,
  accountId: Id<'account'>,
  after: string | undefined,
  most: number,
): Promise<readonly ExportedRow[]> {
  const rows = await sections[kind]({ queries, accountId, after: after ?? firstId, most })
  // Guarantee: every section selects its key.
  return rows as unknown as readonly ExportedRow[]
}
