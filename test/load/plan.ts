import type { Database, Queries } from '@portcullis/db/connect'
import { inTransaction, type Tx } from '@portcullis/db/transaction'

/**
 * Runs a named query of the house with `explain analyze` before each of its statements, and undoes what it wrote. Gives the
 * plans as Postgres prints them, one text a statement. The connection has the planner's settings of a service.
 */
export async function explainQuery(database: Database, query: (tx: Tx) => Promise<unknown>): Promise<string[]> {
  const plans: string[] = []
  const undo = new Error('undo')
  await inTransaction(database, async (tx) => {
    // It is given no rows, and may take that for a fault.
    const failure = await query({ ...tx, sql: explaining(tx.sql, (plan) => plans.push(plan)) }).catch((error) => error)
    if (plans.length === 0) throw failure
    throw undo
  }).catch((error: unknown) => {
    if (error !== undo) throw error
  })
  return plans
}

/** The same tag, but each whole statement is explained; fragments inside statements stay as they are. */
function explaining(sql: Queries['sql'], seen: (plan: string) => void): Queries['sql'] {
  const tag = (strings: TemplateStringsArray, ...values: never[]) => {
    if (!/^\s*(select|with|insert|update|delete)\b/.test(strings[0] ?? '')) return sql(strings, ...values)
    const texts = [`explain (analyze, buffers, timing off) ${strings[0]}`, ...strings.slice(1)]
    const explained = sql<{ 'QUERY PLAN': string }[]>(Object.assign(texts, { raw: texts }), ...values)
    return explained.then((rows) => {
      seen(rows.map((row) => row['QUERY PLAN']).join('\n'))
      return []
    })
  }
  // Guarantee: the queries explained here use the tag as a function only.
  return tag as unknown as Queries['sql']
}
