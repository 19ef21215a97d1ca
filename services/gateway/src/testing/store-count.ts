import type { Queries } from '@portcullis/db/connect'
import { expect } from 'vitest'

/** How many rows each table of the house holds, to tell that nothing was changed. */
export async function countRows(queries: Queries): Promise<Readonly<Record<string, number>>> {
  const tables = await queries.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const [row] = await queries.sql.unsafe<{ count: number }[]>(`select count(*)::int as count from "${name}"`)
    counts[name] = row?.count ?? -1
  }
  return counts
}

/** Runs it and expects that no table has gained or lost a row. */
export async function expectUnchanged<T>(queries: Queries, work: () => Promise<T>): Promise<T> {
  const before = await countRows(queries)
  const result = await work()
  expect(await countRows(queries)).toEqual(before)
  return result
}
