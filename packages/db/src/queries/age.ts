import type { Queries } from '../connect.ts'

/**
 * SQL: the smallest UUIDv7 of the moment `days` ago. Ids are in order of time, so `id < …` walks the primary key from
 * its old end and stops, where a condition on a column without an index would read the whole table.
 */
export function oldestIdWithin(queries: Queries, days: number) {
  return queries.sql`(lpad(to_hex((extract(epoch from now() - ${days} * interval '1 day') * 1000)::bigint), 12, '0')
    || repeat('0', 20))::uuid`
}
