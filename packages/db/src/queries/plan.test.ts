import { useDatabase } from '@portcullis/testkit/database'
import { asId } from '@portcullis/contracts/ids'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Queries } from '../connect.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { deleteOldIdempotencyKeys } from './idempotency-key.ts'
import { deleteOldJobs, listOverdueJobs, measureLag } from './job-upkeep.ts'
import { claimDueJobs } from './job.ts'
import { deleteOldMailDeliveries } from './mail-delivery.ts'
import { deleteOldNotices } from './notice.ts'
import { deleteOldResets, findUsableReset, listRecentResets, voidExpiredResets } from './password-reset.ts'
import { deleteOldRegistrations } from './registration.ts'
import { revokeSessions } from './session.ts'

const store = useDatabase()

/** The parts of a plan that matter here. */
interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

/** What a query does to the tables: `Index Scan jobs_due`, `Seq Scan jobs`; with the conditions held against an index. */
interface Plan {
  readonly scans: readonly string[]
  readonly conditions: string
}

/** Runs a named query with `explain` before its statements, in a transaction that is rolled back. */
async function explain(query: (tx: Tx) => Promise<unknown>): Promise<Plan> {
  const plans: PlanNode[] = []
  const undo = new Error('undo')
  await inTransaction(store.database, async (tx) => {
    await query({ ...tx, sql: explaining(tx.sql, (plan) => plans.push(plan)) }).catch(() => {})
    throw undo
  }).catch((error: unknown) => {
    if (error !== undo) throw error
  })
  const nodes = plans.flatMap(allNodes)
  return {
    scans: nodes.flatMap((node) => {
      const place = node['Index Name'] ?? node['Relation Name']
      return place === undefined || !node['Node Type'].includes('Scan') ? [] : [`${node['Node Type']} ${place}`]
    }),
    conditions: nodes.map((node) => node['Index Cond'] ?? '').join(' '),
  }
}

function allNodes(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(allNodes)]
}

/** The same tag, but each whole statement is explained; fragments inside statements stay as they are. */
function explaining(sql: Queries['sql'], seen: (plan: PlanNode) => void): Queries['sql'] {
  const tag = (strings: TemplateStringsArray, ...values: never[]) => {
    if (!/^\s*(select|with|insert|update|delete)\b/.test(strings[0] ?? '')) return sql(strings, ...values)
    const texts = [`explain (format json) ${strings[0]}`, ...strings.slice(1)]
    const explained = sql(Object.assign(texts, { raw: texts }), ...values)
    return explained.then((rows) => {
      seen((rows[0] as unknown as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN'][0].Plan)
      return []
    })
  }
  // Guarantee: the queries explained here use the tag as a function only.
  return tag as unknown as Queries['sql']
}

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
    insert into notices (id, account_id, kind, occurred_at)
    select ${idAged(sql)}, md5('account' || n % 5000 + 1)::uuid, 'password_changed', moment
    from (select n, now() - n * interval '1 minute' as moment from generate_series(1, 20000) n) as made`
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
  await store.database.sql`analyze`
})

/** SQL: a UUIDv7 of `moment`, unique by `n`. */
function idAged(sql: Queries['sql']) {
  return sql`(lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid`
}

const accountId = asId('account', '00000000-0000-7000-8000-000000000000')

describe('with a month of rows', () => {
  it.each<[string, string[], (tx: Tx) => Promise<unknown>]>([
    ['claimDueJobs', ['jobs_due', 'jobs_pkey'], (tx) => claimDueJobs(tx, [{ hearer: 'notifier', most: 100 }])],
    ['listOverdueJobs', ['jobs_published'], (tx) => listOverdueJobs(tx, 10, 500)],
    ['deleteOldJobs', ['jobs_ended', 'jobs_pkey'], (tx) => deleteOldJobs(tx, 7, 100)],
    ['listRecentResets', ['password_resets_account'], (tx) => listRecentResets(tx, [accountId])],
    ['findUsableReset', ['password_resets_token_hash', 'accounts_pkey'], (tx) => findUsableReset(tx, Buffer.alloc(32))],
    ['voidExpiredResets', ['password_resets_expires_at', 'password_resets_pkey'], (tx) => voidExpiredResets(tx, 100)],
    ['deleteOldResets', ['password_resets_pkey'], (tx) => deleteOldResets(tx, 30, 100)],
    ['revokeSessions', ['sessions_active'], (tx) => revokeSessions(tx, accountId, 'test')],
    ['deleteOldMailDeliveries', ['mail_deliveries_pkey'], (tx) => deleteOldMailDeliveries(tx, 30, 100)],
    ['deleteOldNotices', ['notices_pkey'], (tx) => deleteOldNotices(tx, 30, 100)],
    [
      'deleteOldRegistrations',
      ['registrations_expires_at', 'registrations_pkey'],
      (tx) => deleteOldRegistrations(tx, 100),
    ],
    ['deleteOldIdempotencyKeys', ['idempotency_keys_created_at'], (tx) => deleteOldIdempotencyKeys(tx, 100)],
    ['measureLag', ['jobs_due', 'jobs_published', 'jobs_dead'], (tx) => measureLag(tx)],
  ])('%s reads by %j and never a whole table', async (_name, indexes, query) => {
    const { scans } = await explain(query)
    const used = new Set(scans.flatMap((scan) => /^(?:Bitmap )?Index (?:Only )?Scan (.+)$/.exec(scan)?.[1] ?? []))
    expect([...used].sort()).toEqual(indexes.toSorted())
    expect(scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([])
  })

  it('the purge of the ledger stops at the first row that is too young', async () => {
    const { conditions } = await explain((tx) => deleteOldJobs(tx, 7, 100))
    expect(conditions).toContain('done_at <')
  })
})
