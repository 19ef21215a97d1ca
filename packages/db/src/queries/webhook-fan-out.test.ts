import { asId, type Id } from '@portcullis/contracts/ids'
import { useDatabase } from '@portcullis/testkit/database'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Queries } from '../connect.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { insertAuditEvents, type NewAuditEvent } from './audit-event.ts'
import { listDueDeliveries } from './webhook-delivery.ts'
import { insertWebhookEndpoint } from './webhook-endpoint.ts'

const store = useDatabase()

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows'?: number
  readonly 'Actual Loops'?: number
  readonly 'Shared Hit Blocks'?: number
  readonly Plans?: readonly PlanNode[]
}

/** Runs the first statement of a query with `explain analyze`, in a transaction that is rolled back. */
async function explain(query: (tx: Tx) => Promise<unknown>): Promise<PlanNode[]> {
  const nodes: PlanNode[] = []
  const undo = new Error('undo')
  await inTransaction(store.database, async (tx) => {
    await query({ ...tx, sql: explaining(tx.sql, nodes) }).catch(() => {})
    throw undo
  }).catch((error: unknown) => {
    if (error !== undo) throw error
  })
  return nodes
}

function explaining(sql: Queries['sql'], nodes: PlanNode[]): Queries['sql'] {
  const tag = (strings: TemplateStringsArray, ...values: never[]) => {
    // Fragments inside a statement begin so too, but are no statements of their own.
    if (!/^\s*(select|with|update)\b/.test(strings[0] ?? '')) return sql(strings, ...values)
    const texts = [`explain (analyze, buffers, format json) ${strings[0]}`, ...strings.slice(1)]
    return sql(Object.assign(texts, { raw: texts }), ...values).then((rows) => {
      const [{ Plan }] = (rows[0] as unknown as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN']
      nodes.push(...allNodes(Plan))
      return []
    })
  }
  // Guarantee: the queries explained here use the tag as a function only.
  return tag as unknown as Queries['sql']
}

function allNodes(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(allNodes)]
}

const uuid = (n: number) => `0198f3c2-4a7b-7d1e-9c3f-${String(n).padStart(12, '0')}`

function makeEvent(n: number): NewAuditEvent {
  const subjectId = uuid(n)
  return {
    id: asId('auditEvent', subjectId),
    action: 'session_revoked',
    accountId: null,
    actor: 'system',
    actorId: null,
    subjectKind: 'session',
    subjectId,
    requestId: null,
    details: {},
  }
}

const fanOut = () => explain((tx) => insertAuditEvents(tx, [makeEvent(1), makeEvent(2)]))
const touching = (nodes: readonly PlanNode[], table: string) =>
  nodes.filter((node) => node['Relation Name'] === table || node['Index Name']?.startsWith(table))

describe('recording an event', () => {
  it('costs one look at an empty index where nobody subscribed: no delivery and no job is written', async () => {
    const nodes = await fanOut()
    const [look, ...more] = touching(nodes, 'webhook_endpoints')
    expect(more).toEqual([])
    expect(look).toMatchObject({ 'Index Name': 'webhook_endpoints_active', 'Actual Rows': 0, 'Actual Loops': 1 })
    expect(look?.['Shared Hit Blocks']).toBeLessThanOrEqual(2)
    for (const table of ['webhook_deliveries', 'jobs']) {
      for (const node of touching(nodes, table)) expect(node['Actual Rows']).toBe(0)
    }
  })

  it('owes it to subscribers only, by the index of active endpoints', async () => {
    await makeEndpoint(1, ['session_revoked'])
    await makeEndpoint(2, ['account_locked'])
    await makeEndpoint(3, ['session_revoked'], 'disabled')
    expect(touching(await fanOut(), 'webhook_endpoints')).toMatchObject([{ 'Index Name': 'webhook_endpoints_active' }])
    await inTransaction(store.database, (tx) => insertAuditEvents(tx, [makeEvent(1), makeEvent(2)]))
    const rows = await store.database.sql`
      select endpoint_id as endpoint, audit_event_id as event from webhook_deliveries order by event`
    expect(rows).toEqual([
      { endpoint: uuid(1), event: uuid(1) },
      { endpoint: uuid(1), event: uuid(2) },
    ])
    const [jobs] = await store.database.sql`
      select count(*)::int as count from jobs join webhook_deliveries on payload->>'deliveryId' = webhook_deliveries.id::text`
    expect(jobs).toEqual({ count: 2 })
  })
})

describe('with a month of deliveries', () => {
  beforeAll(async () => {
    await store.database.sql`
      insert into webhook_deliveries (id, endpoint_id, audit_event_id, state, created_at)
      select md5('d' || n)::uuid, ${uuid(1)}, md5('e' || n)::uuid, 'delivered', now() - n * interval '1 minute'
      from generate_series(1, 20000) n`
    await store.database.sql`analyze webhook_deliveries`
  })

  it('those that are due are read by their keys', async () => {
    const [row] = await store.database.sql<{ id: Id<'webhookDelivery'> }[]>`select id from webhook_deliveries limit 1`
    const nodes = await explain((tx) => listDueDeliveries(tx, [row?.id ?? asId('webhookDelivery', uuid(1))]))
    expect(touching(nodes, 'webhook_deliveries')).toMatchObject([{ 'Index Name': 'webhook_deliveries_pkey' }])
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([])
  })
})

async function makeEndpoint(n: number, actions: readonly string[], state = 'active'): Promise<void> {
  const id = asId('webhookEndpoint', uuid(n))
  const wish = { id, url: 'https://a.example/', description: 'x', events: [], actions, secretSealed: 'x' }
  await inTransaction(store.database, (tx) =>
    insertWebhookEndpoint(tx, { ...wish, createdBy: asId('account', uuid(n)) }),
  )
  await store.database.sql`update webhook_endpoints set state = ${state} where id = ${id}`
}
