import type { Database, Queries } from '@portcullis/db/connect'
import { inTransaction, type Tx } from '@portcullis/db/transaction'

/** The parts of a plan that matter to a test. */
interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

/** What a query does to the tables. */
export interface ExplainedQuery {
  /** `Index Scan jobs_due`, `Seq Scan jobs`. */
  readonly scans: readonly string[]
  /** What is held against indexes. */
  readonly conditions: string
}

/** Runs a named query with `explain` before its statements, in a transaction that is rolled back. It is given no rows. */
export async function explainQuery(database: Database, query: (tx: Tx) => Promise<unknown>): Promise<ExplainedQuery> {
  const plans: PlanNode[] = []
  const undo = new Error('undo')
  await inTransaction(database, async (tx) => {
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
  const tag = (first: TemplateStringsArray | string, ...values: never[]) => {
    // Guarantee: text is the name of a column or table, which the tag itself quotes.
    if (typeof first === 'string') return sql(first as never)
    if (!/^\s*(select|with|insert|update|delete)\b/.test(first[0] ?? '') || isJobsPart(first)) {
      return sql(first, ...values)
    }
    const texts = [`explain (format json) ${first[0]}`, ...first.slice(1)]
    const explained = sql(Object.assign(texts, { raw: texts }), ...values)
    return explained.then((rows) => {
      seen((rows[0] as unknown as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN'][0].Plan)
      return []
    })
  }
  // Guarantee: the queries explained here use the tag as a function, and of its members `json` only.
  return Object.assign(tag, { json: sql.json.bind(sql) }) as unknown as Queries['sql']
}

/** The jobs of deliveries are the end of another statement. */
function isJobsPart(texts: TemplateStringsArray): boolean {
  return texts.at(-1)?.includes('from delivery') === true
}
