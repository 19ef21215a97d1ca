import type { Queries } from '@portcullis/db/connect'

/**
 * Makes rows older: moves every moment in them back by so many seconds. The same as waiting, for everything that
 * is judged by the store's clock.
 */
export async function age(queries: Queries, table: string, id: string, seconds: number): Promise<void> {
  const columns = await queries.sql<{ name: string }[]>`
    select column_name as name from information_schema.columns
    where table_name = ${table} and data_type = 'timestamp with time zone'`
  const moves = columns.map(({ name }) => `"${name}" = "${name}" - interval '${seconds} seconds'`)
  await queries.sql.unsafe(`update "${table}" set ${moves.join(', ')} where id = $1`, [id])
}
