import postgres from 'postgres'

/** Anything that runs queries: the pool itself, or one transaction of it. Every named query takes it first. */
export interface Queries {
  /** SQL by tagged template: values are always parameters, and each statement is prepared once per connection. */
  readonly sql: postgres.ISql
}

/** A pool of connections to the store. */
export interface Database extends Queries {
  readonly sql: postgres.Sql
  /** How many connections at most. */
  readonly poolSize: number
  /** Longest time that `inTransaction` waits for its work, in milliseconds. */
  readonly deadlineMs: number
  /** Tells idle relays that jobs are due. Best effort, outside any transaction, coalesced. See `wake.ts`. */
  wake(): void
  /** Ends all connections, by force after `timeoutSeconds` (default 5): after a lost connection it could hang. */
  close(timeoutSeconds?: number): Promise<void>
}

/** Settings of `connectDatabase`. */
export interface ConnectOptions {
  /** `postgres://user:password@host:port/name`. Secret: may hold a password. */
  readonly url: string
  /** Shown in `pg_stat_activity`. */
  readonly name: string
  /** Default 10. */
  readonly poolSize?: number
  /** The server ends a statement that runs longer. Default 15,000. */
  readonly statementTimeoutMs?: number
  /** `inTransaction` gives up after so long, also on a half-open connection. Default 20,000. */
  readonly deadlineMs?: number
  /**
   * `by_key` (default): every statement goes by key to a few rows. `free`: the planner chooses by what it knows, for dry runs,
   * reports and searches over many rows.
   */
  readonly planner?: 'by_key' | 'free'
}

/** The channel on which `wake` is heard. */
export const wakeChannel = 'portcullis_jobs'

/** Pause between two notifications of a process. The first after a pause is sent at once. */
const wakeRestMs = 10

/**
 * Every statement of the house goes by key to a few rows, whatever the values. The planner cannot know that: it believes
 * statistics of a moment ago, and a queue's tables are empty at one moment and full at the next. Left alone it reads a
 * young table, or all that is published, from end to end for the sake of eight rows, and keeps to that plan for a minute.
 */
const byKey = {
  plan_cache_mode: 'force_generic_plan',
  // Text: the driver leaves out what is false.
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
}

/**
 * Opens a pool. Connects lazily; a connection that is lost is opened again with back-off.
 * The driver is patched: see `infra/patches` and README, *The driver*.
 */
export function connectDatabase(options: ConnectOptions): Database {
  const poolSize = options.poolSize ?? 10
  const statementTimeoutMs = options.statementTimeoutMs ?? 15_000
  const sql = postgres(options.url, {
    max: poolSize,
    onnotice: () => {},
    // A peer that vanished without a word is noticed by TCP: the driver itself has no time limit for a query.
    keep_alive: 30,
    connect_timeout: 10,
    backoff: (retries) => Math.min(0.05 * 2 ** retries, 2),
    connection: {
      application_name: `portcullis ${options.name}`,
      statement_timeout: statementTimeoutMs,
      // A transaction that waits for its own process holds back vacuum, and with it every queue table.
      idle_in_transaction_session_timeout: statementTimeoutMs,
      ...(options.planner !== 'free' && byKey),
    },
  })
  let waking = false
  let wakeAgain = false
  function wake(): void {
    if (waking) {
      wakeAgain = true
      return
    }
    waking = true
    // A NOTIFY inside the caller's transaction would take a database-wide lock at every commit.
    setImmediate(() => {
      wakeAgain = false
      // It is a commit as well, and nobody needs it on the disk: left alone it would wait for a flush of its own.
      sql`select set_config('synchronous_commit', 'off', true), pg_notify(${wakeChannel}, '')`.then(over, over)
    })
  }
  /** What was committed while a notification was on its way may have been missed by it: one more follows. */
  function over(): void {
    // Without the rest, a busy caller would pay a second round trip for each of its own.
    setTimeout(() => {
      waking = false
      if (wakeAgain) wake()
    }, wakeRestMs).unref()
  }
  return {
    sql,
    poolSize,
    deadlineMs: options.deadlineMs ?? 20_000,
    wake,
    close: (timeoutSeconds = 5) => sql.end({ timeout: timeoutSeconds }),
  }
}

/** Whether the store answers now. Never throws. */
export async function storeAnswers(database: Database): Promise<boolean> {
  return database.sql`select 1`.then(
    () => true,
    () => false,
  )
}
