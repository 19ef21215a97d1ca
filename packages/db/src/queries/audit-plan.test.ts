import { randomUUID } from 'node:crypto'
import { asId } from '@portcullis/contracts/ids'
import { useDatabase } from '@portcullis/testkit/database'
import { beforeAll, expect, it } from 'vitest'
import type { Queries } from '../connect.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { type AuditFilter, searchAuditEvents } from './audit-search.ts'
import { findSealHead, findSealRange, listSealedEvents, listSeals, listUnsealed, takeSealerLock } from './audit-seal.ts'

const store = useDatabase()

/** 40,000 events of 2,000 accounts, half of them sealed, 100 to a seal. */
beforeAll(async () => {
  const { sql } = store.database
  await sql`
    insert into audit_events (id, occurred_at, action, account_id, actor, actor_id, subject_kind, subject_id, request_id, details)
    select (lpad(to_hex(1795000000000 + n), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid,
      now() - (40000 - n) * interval '1 second', 'action_' || n % 50, md5('account' || n % 2000)::uuid,
      case when n % 20 = 0 then 'admin' else 'account' end, md5('account' || n % 2000)::uuid, 'session', gen_random_uuid(),
      'req_' || n, '{}'
    from generate_series(1, 40000) n`
  await sql`update audit_events set xid = (right(request_id, -4)::int8 / 100 + 3)::text::xid8`
  await sql`
    insert into audit_chain (sequence, event_id, hash, seal, commitments)
    select n, id, '\\x00', (n - 1) / 100 + 1, '\\x00' from (select row_number() over (order by xid, id) as n, id from audit_events) as e
    where n <= 20000`
  await sql`
    insert into audit_seals (seal, first_sequence, last_sequence, events, previous_hash, hash, sealed_at, key_id, signature, last_xid)
    select n, n * 100 - 99, n * 100, 100, '\\x00', '\\x00', now() - (200 - n) * interval '2 seconds', 'k', '\\x00',
      (n + 3)::text from generate_series(1, 200) n`
  await sql`vacuum analyze audit_events, audit_chain, audit_seals`
})

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly Plans?: readonly PlanNode[]
}

/** Runs a query under `explain analyze`: what its statements scan, and the most rows that one scan gave. */
async function explain(query: (tx: Tx) => Promise<unknown>): Promise<{ scans: string[]; rowsMost: number }> {
  const plans: PlanNode[] = []
  await inTransaction(store.database, (tx) => query({ ...tx, sql: explaining(tx.sql, plans) }))
  const all = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(all)]
  // The pages that a bitmap of an index points to are no scan of their own.
  const scans = plans
    .flatMap(all)
    .filter((node) => ('Relation Name' in node || 'Index Name' in node) && node['Node Type'] !== 'Bitmap Heap Scan')
  const names = scans.map((node) => node['Index Name'] ?? `all of ${node['Relation Name']}`)
  return { scans: [...new Set(names)].toSorted(), rowsMost: Math.max(...scans.map((node) => node['Actual Rows'])) }
}

function explaining(sql: Queries['sql'], plans: PlanNode[]): Queries['sql'] {
  const tag = (strings: TemplateStringsArray, ...values: never[]) => {
    if (!/^\s*(select|with)\b/.test(strings[0] ?? '') || /set_config/.test(strings.join('')))
      return sql(strings, ...values)
    const texts = [`explain (analyze, format json) ${strings[0]}`, ...strings.slice(1)]
    return sql<{ 'QUERY PLAN': [{ Plan: PlanNode }] }[]>(Object.assign(texts, { raw: texts }), ...values).then(
      (rows) => {
        plans.push(...rows.map((row) => row['QUERY PLAN'][0].Plan))
        return []
      },
    )
  }
  // Guarantee: the queries explained here use the tag as a function only.
  return tag as unknown as Queries['sql']
}

const accountId = asId('account', 'b0fdc0bf-8d0b-4bb2-8d2b-1f2c3d4e5f60')
const searches: [string, AuditFilter, string][] = [
  ['everything', {}, 'audit_events_pkey'],
  ['an account', { accountId }, 'audit_events_account'],
  ['an action', { action: 'action_7' }, 'audit_events_action'],
  ['an admin', { actorId: randomUUID() }, 'audit_events_staff'],
  ['a call', { requestId: 'req_39000' }, 'audit_events_request'],
]

it.each(searches)('a search for %s reads one page of one index', async (_what, filter, index) => {
  for (const cursor of [null, { micros: '1795000000000000', id: randomUUID() }]) {
    const { scans, rowsMost } = await explain((tx) => searchAuditEvents(tx, filter, cursor, 51))
    expect(scans.filter((scan) => scan !== 'audit_chain_event')).toEqual([index])
    expect(rowsMost).toBeLessThan(60)
  }
})

it('the sealer reads no more of a backlog of 20,000 than one seal takes', async () => {
  const head = await findSealHead(store.database)
  const { scans, rowsMost } = await explain(async (tx) => {
    await takeSealerLock(tx)
    return listUnsealed(tx, head?.after ?? null, 100)
  })
  expect([scans, rowsMost]).toEqual([['audit_events_xid'], 100])
})

it('the head, a range, a page of seals and the events of a seal are read by keys', async () => {
  expect((await explain((tx) => findSealHead(tx))).rowsMost).toBe(1)
  const range = { since: '2026-01-01T00:00:00Z', until: '2999-01-01T00:00:00Z', fromSequence: 500, toSequence: 900 }
  expect((await explain((tx) => findSealRange(tx, range))).rowsMost).toBeLessThan(5)
  expect((await explain((tx) => listSeals(tx, 150, 10))).rowsMost).toBe(10)
  const events = await explain((tx) => listSealedEvents(tx, { firstSequence: 101, lastSequence: 200 }))
  expect(events).toEqual({ scans: ['audit_chain_pkey', 'audit_events_pkey'], rowsMost: 100 })
})
