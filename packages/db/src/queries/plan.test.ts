import { useDatabase } from '@portcullis/testkit/database'
import { explainQuery } from '@portcullis/testkit/explain'
import { asId } from '@portcullis/contracts/ids'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import { endPendingClosing, findClosingByKeepHash, findLatestClosing, listDueClosings } from './account-closing.ts'
import { countExports } from './account-export.ts'
import { findAccountByTrustedKey, isCoolingDown, listEmailChanges, voidPendingChange } from './email-change.ts'
import { deleteOldEmailChanges, updateChangesEnded } from './email-change-sweep.ts'
import { findChangeByConfirmHash, findChangeByRevertHash, findChangeForMail } from './email-change-token.ts'
import { eraseChunk, isOwedToEndpoint } from './erasure.ts'
import { deleteOldIdempotencyKeys } from './idempotency-key.ts'
import { deleteOldJobs, listOverdueJobs, measureLag } from './job-upkeep.ts'
import { claimDueJobs } from './job.ts'
import { revokeLockedApiKeys, revokeLockedSessions, revokeLockedSshKeys } from './lockdown-credential.ts'
import { listUncontainedLockdowns } from './lockdown-step.ts'
import { countLinkLockdowns, findUsableLink } from './lockdown-link.ts'
import { listLockdownItems } from './lockdown-recovery.ts'
import { listLockdowns, listTimeline, listUnconfirmedHosts } from './lockdown-report.ts'
import { listOwnersTold, listSupportTold } from './lockdown-telling.ts'
import { deleteOldMailDeliveries } from './mail-delivery.ts'
import { countWrongCodes, readLoginHistory } from './login-history.ts'
import { listActivity } from './activity.ts'
import {
  listNoticesForMail,
  listSecondsSinceMail,
  listToldNotices,
  listUnmailedForUpdate,
  type UnmailedNotice,
  updateNoticesMailed,
} from './notice-mail.ts'
import { deleteOldNotices, isNoticeOwedLately } from './notice.ts'
import { deleteOldResets, findUsableReset, listRecentResets, voidExpiredResets } from './password-reset.ts'
import { deleteOldRegistrations } from './registration.ts'
import { revokeOtherSessions, revokeSessions } from './session.ts'

const store = useDatabase()

const lockdownId = asId('lockdown', '01a202ca-eb6f-73ee-b73b-8fd8d22104fe')

// A house that has been at work for a month: most rows are over, a few are open. Nothing is forced upon the planner.
beforeAll(async () => {
  const { sql } = store.database
  await sql`
    insert into accounts (id, email, email_key, name, password_changed_at)
    select md5('account' || n)::uuid, n || '@example.com', n || '@example.com', 'n', now() from generate_series(1, 5000) n`
  await sql`
    insert into jobs (id, message, version, hearer, payload, priority, run_at, state, published_at, done_at, created_at)
    select md5('job' || n)::uuid, 'send.notice', 1, case when n % 2 = 0 then 'notifier' else 'reset-mailer' end, '{}', n % 3 * 10,
      moment, state, case when state <> 'pending' then moment end, case when state in ('done', 'dead') then moment end, moment
    from (
      select n, now() - (n * 7919 % 50000) * interval '10 s' as moment,
        case when n % 100 = 0 then 'pending' when n % 100 = 1 then 'published' when n % 1000 = 2 then 'dead' else 'done' end as state
      from generate_series(1, 50000) n
    ) as made`
  await sql`
    insert into password_resets (id, account_id, salt, token_hash, state, requested_at, ready_at, expires_at, ended_at)
    select ${idAged(sql)}, md5('account' || n % 5000 + 1)::uuid, '\\x00', decode(md5('token' || n), 'hex'),
      case when n % 100 = 0 or n <= 300 then 'ready' else 'used' end, moment, moment, moment + interval '30 minutes', moment
    from (
      select n, now() - n * case when n <= 300 then interval '5 s' else interval '1 minute' end as moment
      from generate_series(1, 50000) n
    ) as made`
  await sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, revoked_at)
    select md5('session' || n)::uuid, md5('account' || n % 5000 + 1)::uuid, decode(md5('s' || n), 'hex'), 1, now(),
      case when n % 10 <> 0 then now() end from generate_series(1, 20000) n`
  await sql`
    insert into notices (id, account_id, kind, occurred_at, mailed_at)
    select ${idAged(sql)}, md5('account' || n % 5000 + 1)::uuid, 'password_changed', moment, case when n > 50 then moment end
    from (select n, now() - n * interval '1 minute' as moment from generate_series(1, 20000) n) as made`
  await sql`
    insert into login_events (id, account_id, outcome, factors, device, occurred_at)
    select ${idAged(sql)}, md5('account' || n % 5000 + 1)::uuid, case when n % 3 = 0 then 'success' else 'throttled' end, '', 'd', moment
    from (select n, now() - n * interval '1 minute' as moment from generate_series(1, 20000) n) as made`
  await sql`
    insert into notification_preferences (account_id, muted)
    select md5('account' || n)::uuid, '{}' from generate_series(1, 5000) n`
  await sql`
    insert into mail_deliveries (id, job_id, template, message_id, created_at)
    select ${idAged(sql)}, md5('job' || n)::uuid, 't', 'm', moment
    from (select n, now() - n * interval '1 minute' as moment from generate_series(1, 20000) n) as made`
  await sql`
    insert into registrations (id, email, email_key, name, password_hash, salt, state, expires_at)
    select md5('registration' || n)::uuid, 'e', n::text, 'n', 'h', '\\x00', 'confirmed', now() - n * interval '2 s'
    from generate_series(1, 20000) n`
  await sql`
    insert into idempotency_keys (route, scope, key_hash, body_hash, status, answer, created_at)
    select 'r', 's', decode(md5('k' || n), 'hex'), '\\x00', 202, '{}', now() - n * interval '2 s'
    from generate_series(1, 20000) n`
  await sql`
    insert into api_keys (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch)
    select md5('key' || n)::uuid, md5('account' || n)::uuid, 1, 'n', 'p', 'last', sha256(n::text::bytea), '{}', 1
    from generate_series(1, 5000) n`
  await sql`
    insert into ssh_keys (id, account_id, slot, name, type, canonical, fingerprint, epoch)
    select md5('ssh' || n)::uuid, md5('account' || n)::uuid, 1, 'n', 't', 'c', sha256(n::text::bytea), 1
    from generate_series(1, 5000) n`
  await sql`
    insert into operations (id, kind, actor) select md5('lockdown' || n)::uuid, 'lockdown', 'admin' from generate_series(1, 500) n`
  await sql`
    insert into lockdowns (id, account_id, trigger, compromised_since, epoch, snapshot, txn, recovery_salt, contained_at)
    select md5('lockdown' || n)::uuid, md5('account' || n)::uuid, 'admin', now(), 2, '{}', md5('t' || n)::uuid, '\\x00', now()
    from generate_series(1, 500) n`
  await sql`
    insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, state, confirm_salt,
      confirm_hash, revert_salt, revert_hash, epoch, requested_at, expires_at, revert_until)
    select ${idAged(sql)}, md5('account' || n)::uuid, 'e', 'former' || n, 'e', 'n', case n % 10 when 0 then 'requested'
        when 1 then 'confirmed' else 'final' end, '\\x00', decode(md5('c' || n), 'hex'), '\\x00', decode(md5('r' || n), 'hex'), 1,
      moment, moment, moment + interval '8 days'
    from (select n, now() - n * interval '10 minutes' as moment from generate_series(1, 5000) n) as made`
  await store.database.sql`analyze`
})

/** SQL: a UUIDv7 of `moment`, unique by `n`. */
function idAged(sql: Queries['sql']) {
  return sql`(lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid`
}

const emailChangeId = asId('emailChange', '00000000-0000-7000-8000-000000000002')
const accountId = asId('account', '00000000-0000-7000-8000-000000000000')
const unmailed: UnmailedNotice = {
  id: asId('notice', '00000000-0000-7000-8000-000000000001'),
  accountId,
  kind: 'new_device',
  to: null,
  lockdownId: null,
  claimed: false,
  muted: false,
}

const locked = { id: lockdownId, accountId, epoch: 2 }

describe('with a month of rows', () => {
  it.each<[string, string[], (tx: Tx) => Promise<unknown>]>([
    [
      'claimDueJobs',
      ['jobs_due', 'jobs_pkey', 'queue_pauses_hearer_message_pk'],
      (tx) => claimDueJobs(tx, [{ hearer: 'notifier', most: 100 }]),
    ],
    ['listOverdueJobs', ['jobs_published'], (tx) => listOverdueJobs(tx, 10, 500)],
    ['deleteOldJobs', ['jobs_ended', 'jobs_pkey'], (tx) => deleteOldJobs(tx, 7, 100)],
    ['listRecentResets', ['password_resets_account'], (tx) => listRecentResets(tx, [accountId])],
    ['findUsableReset', ['password_resets_token_hash', 'accounts_pkey'], (tx) => findUsableReset(tx, Buffer.alloc(32))],
    ['voidExpiredResets', ['password_resets_expires_at', 'password_resets_pkey'], (tx) => voidExpiredResets(tx, 100)],
    ['deleteOldResets', ['password_resets_pkey'], (tx) => deleteOldResets(tx, 30, 100)],
    ['revokeSessions', ['sessions_active'], (tx) => revokeSessions(tx, accountId, 'test')],
    [
      'revokeOtherSessions',
      ['sessions_active'],
      (tx) => revokeOtherSessions(tx, accountId, 'test', asId('session', accountId)),
    ],
    ['deleteOldMailDeliveries', ['mail_deliveries_pkey'], (tx) => deleteOldMailDeliveries(tx, 30, 100)],
    ['listActivity', ['login_events_account', 'notices_account'], (tx) => listActivity(tx, accountId, null, 50)],
    [
      'readLoginHistory',
      ['accounts_pkey', 'login_events_account'],
      (tx) => readLoginHistory(tx, accountId, 'Firefox on Linux', 'DE'),
    ],
    ['findLatestClosing', ['account_closings_account'], (tx) => findLatestClosing(tx, accountId)],
    ['listDueClosings', ['account_closings_due'], (tx) => listDueClosings(tx, undefined, 100)],
    ['endPendingClosing', ['account_closings_one'], (tx) => endPendingClosing(tx, accountId, 'kept')],
    ['findClosingByKeepHash', ['account_closings_keep_hash'], (tx) => findClosingByKeepHash(tx, new Uint8Array(32))],
    ['countExports', ['account_exports_account', 'operations_pkey'], (tx) => countExports(tx, accountId)],
    [
      'eraseChunk',
      [
        'account_exports_account',
        'api_keys_account',
        'email_changes_account',
        'former_passwords_account',
        'known_devices_token',
        'lockdowns_account',
        'login_challenges_account',
        'login_events_account',
        'notices_account',
        'operations_pkey',
        'password_resets_account',
        'risk_signals_account',
        'sessions_pkey',
        'sessions_revoked_by',
        'ssh_keys_account',
      ],
      (tx) => eraseChunk(tx, { id: asId('accountClosing', accountId), accountId }, 100),
    ],
    [
      'isOwedToEndpoint',
      ['audit_events_account', 'webhook_deliveries_event', 'webhook_endpoints_pkey'],
      (tx) => isOwedToEndpoint(tx, accountId),
    ],
    ['countWrongCodes', ['login_events_account'], (tx) => countWrongCodes(tx, accountId)],
    ['isNoticeOwedLately', ['notices_account'], (tx) => isNoticeOwedLately(tx, accountId, 'new_device')],
    [
      'listUnmailedForUpdate',
      ['notices_pkey', 'notices_unmailed', 'notification_preferences_pkey'],
      (tx) => listUnmailedForUpdate(tx, [unmailed.id]),
    ],
    ['listSecondsSinceMail', ['notices_account'], (tx) => listSecondsSinceMail(tx, [unmailed])],
    [
      'listNoticesForMail',
      ['accounts_pkey', 'email_changes_account', 'email_changes_pkey', 'notices_pkey', 'lockdowns_one'],
      (tx) => listNoticesForMail(tx, [unmailed.id]),
    ],
    ['listToldNotices', ['notices_account'], (tx) => listToldNotices(tx, [unmailed])],
    ['updateNoticesMailed', ['notices_pkey'], (tx) => updateNoticesMailed(tx, [{ ...unmailed, times: 1 }])],
    ['deleteOldNotices', ['notices_pkey'], (tx) => deleteOldNotices(tx, 30, 100)],
    [
      'deleteOldRegistrations',
      ['registrations_expires_at', 'registrations_pkey'],
      (tx) => deleteOldRegistrations(tx, 100),
    ],
    ['deleteOldIdempotencyKeys', ['idempotency_keys_created_at'], (tx) => deleteOldIdempotencyKeys(tx, 100)],
    ['revokeLockedSessions', ['sessions_active'], (tx) => revokeLockedSessions(tx, [locked])],
    ['revokeLockedApiKeys', ['api_keys_account'], (tx) => revokeLockedApiKeys(tx, [locked])],
    ['revokeLockedSshKeys', ['ssh_keys_account', 'rental_keys_key'], (tx) => revokeLockedSshKeys(tx, [locked])],
    ['listUncontainedLockdowns', ['lockdowns_open'], (tx) => listUncontainedLockdowns(tx, 500, 30)],
    ['listOwnersTold', ['lockdowns_pkey', 'notices_lockdown'], (tx) => listOwnersTold(tx, [lockdownId])],
    ['listSupportTold', ['lockdowns_pkey', 'audit_events_account'], (tx) => listSupportTold(tx, [lockdownId])],
    ['listTimeline', ['lockdowns_pkey', 'audit_events_account'], (tx) => listTimeline(tx, lockdownId)],
    ['listLockdowns', ['lockdowns_account'], (tx) => listLockdowns(tx, accountId)],
    ['listLockdownItems', ['lockdown_items_order'], (tx) => listLockdownItems(tx, lockdownId)],
    [
      'listUnconfirmedHosts',
      ['lockdowns_pkey', 'rentals_account', 'rental_keys_rental_id_ssh_key_id_pk'],
      (tx) => listUnconfirmedHosts(tx, lockdownId),
    ],
    ['countLinkLockdowns', ['lockdowns_account'], (tx) => countLinkLockdowns(tx, accountId)],
    ['findUsableLink', ['notices_link_hash', 'accounts_pkey'], (tx) => findUsableLink(tx, new Uint8Array(32))],
    [
      'findAccountByTrustedKey',
      // Both indexes on the key serve alike.
      ['accounts_email_prefix', 'accounts_pkey', 'email_changes_account', 'email_changes_old', 'lockdowns_one'],
      (tx) => findAccountByTrustedKey(tx, 'someone@example.com'),
    ],
    ['isCoolingDown', ['email_changes_account', 'lockdowns_one'], (tx) => isCoolingDown(tx, accountId)],
    [
      'listEmailChanges',
      ['accounts_pkey', 'email_changes_account', 'lockdowns_one'],
      (tx) => listEmailChanges(tx, accountId, 20),
    ],
    ['voidPendingChange', ['email_changes_pending'], (tx) => voidPendingChange(tx, accountId)],
    [
      'findChangeForMail',
      ['accounts_email_prefix', 'accounts_pkey', 'email_changes_old', 'email_changes_pkey', 'lockdowns_one'],
      (tx) => findChangeForMail(tx, emailChangeId),
    ],
    [
      'findChangeByConfirmHash',
      ['email_changes_confirm_hash'],
      (tx) => findChangeByConfirmHash(tx, new Uint8Array(32)),
    ],
    ['findChangeByRevertHash', ['email_changes_revert_hash'], (tx) => findChangeByRevertHash(tx, new Uint8Array(32))],
    [
      'updateChangesEnded',
      ['email_changes_expires_at', 'email_changes_pkey', 'email_changes_revertible', 'lockdowns_one'],
      (tx) => updateChangesEnded(tx, 100),
    ],
    ['deleteOldEmailChanges', ['email_changes_pkey'], (tx) => deleteOldEmailChanges(tx, 30, 100)],
    ['measureLag', ['jobs_due', 'jobs_published', 'jobs_dead'], (tx) => measureLag(tx)],
  ])('%s reads by %j and never a whole table', async (_name, indexes, query) => {
    const { scans } = await explainQuery(store.database, query)
    const used = new Set(scans.flatMap((scan) => /^(?:Bitmap )?Index (?:Only )?Scan (.+)$/.exec(scan)?.[1] ?? []))
    expect([...used].sort()).toEqual(indexes.toSorted())
    expect(scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([])
  })

  it('the purge of the ledger stops at the first row that is too young', async () => {
    const { conditions } = await explainQuery(store.database, (tx) => deleteOldJobs(tx, 7, 100))
    expect(conditions).toContain('done_at <')
  })
})
