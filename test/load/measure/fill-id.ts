import type { Database } from '@portcullis/db/connect'

/**
 * Makes `bench_id(kind, n)`: the id of the n-th of a kind, the same each time. In the order of `n`, as the ids of the house are in
 * the order of time (UUIDv7): indexes and tables are filled and read as they are in production.
 */
export async function makeIdFunction({ sql }: Pick<Database, 'sql'>): Promise<void> {
  await sql`
    create or replace function bench_id(kind text, n bigint) returns uuid language sql immutable parallel safe return
      (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || substr(md5(kind || n), 1, 3) || '8'
        || substr(md5(kind || n), 4, 15))::uuid`
}
