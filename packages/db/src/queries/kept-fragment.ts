import type postgres from 'postgres'
import type { Queries } from '../connect.ts'

/** A part of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>

/**
 * Makes a fragment once for each pool and `key`, for statements that run thousands of times a second: to build one costs the
 * driver as much as a small query, and a part of a statement is only ever read. A transaction has a tag of its own, and so
 * builds its own.
 */
export function keepFragment<Key extends object>(
  make: (queries: Queries, key: Key) => Fragment,
): (queries: Queries, key: Key) => Fragment {
  const kept = new WeakMap<Queries['sql'], WeakMap<Key, Fragment>>()
  return (queries, key) => {
    const ofPool = kept.get(queries.sql) ?? new WeakMap<Key, Fragment>()
    const fragment = ofPool.get(key) ?? make(queries, key)
    kept.set(queries.sql, ofPool.set(key, fragment))
    return fragment
  }
}
