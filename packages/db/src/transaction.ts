import { Failure } from '@portcullis/contracts/errors'
import type postgres from 'postgres'
import type { Database, Queries } from './connect.ts'

/** One transaction. State, audit event and jobs of a verb are written through the same `Tx`, or not at all. */
export interface Tx extends Queries {
  readonly kind: 'transaction'
  /** Asks that relays be woken once this has been committed. */
  wakeAfterCommit(): void
}

/**
 * Runs `work` in one transaction (read committed) and commits when it returns; a throw rolls back and is thrown on.
 * A store that is away, or takes longer than the deadline, is a `Failure('store_unavailable')`: then nothing was
 * promised to anybody, though in the rare case of a connection lost during commit the change may stand.
 */
export async function inTransaction<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  let wake = false
  try {
    const result = await within(
      database.deadlineMs,
      database.sql.begin(async (sql) => work(transactionOn(sql, () => (wake = true)))),
    )
    if (wake) database.wake()
    return result as T
  } catch (error) {
    throw asStoreFailure(error)
  }
}

/** Runs one statement, or several that need no transaction, with the same failures as `inTransaction`. */
export async function withStore<T>(database: Database, work: (queries: Database) => Promise<T>): Promise<T> {
  try {
    return await within(database.deadlineMs, work(database))
  } catch (error) {
    throw asStoreFailure(error)
  }
}

/** A savepoint: when `work` throws, what it wrote is undone and the transaction goes on. */
export async function inSavepoint<T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<T> {
  const sql = tx.sql as postgres.TransactionSql
  const result = await sql.savepoint((inner) => work(transactionOn(inner, () => tx.wakeAfterCommit())))
  return result as T
}

/** The driver has no time limit of its own: on a half-open connection a query would hang for minutes. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Failure('store_unavailable', { internal: `no answer within ${milliseconds} ms` })),
    milliseconds,
  )
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function transactionOn(sql: postgres.TransactionSql, wakeAfterCommit: () => void): Tx {
  return { kind: 'transaction', sql, wakeAfterCommit }
}

// Class 08: connection; 57P: operator intervention; 53: out of resources; 25P03, 57014: cut off by our own time limits.
const awayStates = /^(08|57P|53|25P03|57014)/
const awayCodes = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/** Whether an error says that the store is away, not that the statement is wrong. */
export function isStoreAway(error: unknown): boolean {
  if (error instanceof Failure) return error.code === 'store_unavailable'
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return awayCodes.has(code) || awayStates.test(code) || isStoreAway(error.cause)
}

function asStoreFailure(error: unknown): unknown {
  if (error instanceof Failure || !isStoreAway(error)) return error
  return new Failure('store_unavailable', { cause: error })
}
