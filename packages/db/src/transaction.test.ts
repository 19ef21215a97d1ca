import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { Failure } from '@portcullis/contracts/errors'
import { enqueue, makeJob, readJobs } from '@portcullis/testkit/ledger'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import postgres from 'postgres'
import { afterEach, describe, expect, it } from 'vitest'
import { connectDatabase, type Database, storeAnswers, wakeChannel } from './connect.ts'
import { insertJobs } from './queries/job.ts'
import { inSavepoint, inTransaction, isStoreAway, withStore } from './transaction.ts'

const store = useDatabase()
const open: Database[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()))
})

/** A pool of its own, closed after the test. */
function pool(options: { url?: string; deadlineMs?: number; statementTimeoutMs?: number; poolSize?: number } = {}) {
  const database = connectDatabase({ url: store.url, name: 'test', ...options })
  open.push(database)
  return database
}

const away = { name: 'Failure', code: 'store_unavailable' }

async function countAccounts(): Promise<number> {
  const [row] = await store.database.sql<{ count: number }[]>`select count(*)::int as count from accounts`
  return row!.count
}

describe('a transaction', () => {
  it('commits what its work wrote, and gives its result', async () => {
    const before = await countAccounts()
    const made = await inTransaction(store.database, (tx) => makeAccount(tx))
    expect(made.email).toContain('@')
    expect(await countAccounts()).toBe(before + 1)
  })

  it('takes everything back when its work throws, and throws that very error on', async () => {
    const before = await countAccounts()
    const reason = new Error('changed my mind')
    const work = inTransaction(store.database, async (tx) => {
      await makeAccount(tx)
      throw reason
    })
    await expect(work).rejects.toBe(reason)
    expect(await countAccounts()).toBe(before)
  })

  it('keeps a refusal of the house as it is', async () => {
    const refusal = new Failure('token_invalid')
    await expect(inTransaction(store.database, () => Promise.reject(refusal))).rejects.toBe(refusal)
  })

  it('keeps a broken constraint as the database told it: the store is not away', async () => {
    const { email } = await makeAccount(store.database)
    const twice = inTransaction(store.database, (tx) => makeAccount(tx, { email }))
    await expect(twice).rejects.toMatchObject({ code: '23505', constraint_name: 'accounts_email_key' })
  })

  it('gives up at its deadline though the store never answers, and says that the store is away', async () => {
    const database = pool({ deadlineMs: 100, poolSize: 1 })
    const began = performance.now()
    await expect(inTransaction(database, (tx) => tx.sql`select pg_sleep(2)`)).rejects.toMatchObject(away)
    expect(performance.now() - began).toBeLessThan(1500)
    await store.database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'select pg_sleep(2)%'`
  })

  it('is ended by the server when one statement takes too long, and says that the store is away', async () => {
    const database = pool({ statementTimeoutMs: 50 })
    await expect(inTransaction(database, (tx) => tx.sql`select pg_sleep(5)`)).rejects.toMatchObject(away)
  })

  it('that waits for its own process is ended by the server, so that it cannot hold back vacuum', async () => {
    // Long enough for a slow machine to begin at all.
    const database = pool({ statementTimeoutMs: 1000 })
    const begun = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<void>()
    const idle = inTransaction(database, async (tx) => {
      await tx.sql`select 1`
      begun.resolve()
      await gone.promise
      await tx.sql`select 2`
    })
    const failure = idle.then(
      () => undefined,
      (error: unknown) => error,
    )
    await Promise.race([begun.promise, failure])
    for (;;) {
      const rows = await store.database.sql`
        select 1 from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`
      if (rows.length === 0) break
    }
    gone.resolve()
    expect(await failure).toMatchObject(away)
  })

  it('whose connection is terminated says that the store is away, and the pool goes on', async () => {
    const database = pool({ poolSize: 1 })
    const cut = inTransaction(database, async (tx) => {
      const [row] = await tx.sql<{ pid: number }[]>`select pg_backend_pid() as pid`
      await store.database.sql`select pg_terminate_backend(${row!.pid})`
      await tx.sql`select 1`
    })
    await expect(cut).rejects.toMatchObject(away)
    expect(await inTransaction(database, async (tx) => (await tx.sql`select 1 as one`)[0])).toEqual({ one: 1 })
  })
})

describe('a store that is away', () => {
  it('is told as such by a transaction and by a single statement, within the deadline', async () => {
    const database = pool({ url: 'postgres://app@127.0.0.1:1/nothing', deadlineMs: 2000 })
    await expect(inTransaction(database, (tx) => tx.sql`select 1`)).rejects.toMatchObject(away)
    await expect(withStore(database, (queries) => queries.sql`select 1`)).rejects.toMatchObject(away)
    expect(await storeAnswers(database)).toBe(false)
    expect(await storeAnswers(store.database)).toBe(true)
  })

  it('is told as such on a connection that swallows everything', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      const through = connect(Number(new URL(store.url).port), new URL(store.url).hostname)
      sockets.push(through)
      socket.pipe(through).pipe(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = new URL(store.url)
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const database = pool({ url: url.href, deadlineMs: 300, poolSize: 1 })
    expect(await withStore(database, (queries) => queries.sql`select 1 as one`)).toEqual([{ one: 1 }])
    for (const socket of sockets) socket.unpipe().pause()
    await expect(withStore(database, (queries) => queries.sql`select 1`)).rejects.toMatchObject(away)
    for (const socket of sockets) socket.destroy()
    server.close()
    // What the driver still waited for has ended with the connection: closing is quick.
    expect(await withStore(pool(), (queries) => queries.sql`select 1 as one`)).toEqual([{ one: 1 }])
  })

  it('is recognised by its codes, also inside other errors, and nothing else is', () => {
    for (const code of ['08006', '57P01', '53300', '25P03', '57014', 'ECONNREFUSED', 'CONNECTION_CLOSED']) {
      const cause = Object.assign(new Error('x'), { code })
      expect(isStoreAway(cause), code).toBe(true)
      expect(isStoreAway(new Error('wrapped', { cause })), code).toBe(true)
    }
    for (const code of ['23505', '42601', '40001', '22P02', 'ENOENT']) {
      expect(isStoreAway(Object.assign(new Error('x'), { code })), code).toBe(false)
    }
    expect(isStoreAway(new Failure('token_invalid'))).toBe(false)
    expect(isStoreAway('away')).toBe(false)
  })
})

describe('a savepoint', () => {
  it('undoes what its work wrote when that throws, and the transaction goes on and commits', async () => {
    const before = await countAccounts()
    await inTransaction(store.database, async (tx) => {
      const { email } = await makeAccount(tx)
      const twice = inSavepoint(tx, (inner) => makeAccount(inner, { email }))
      await expect(twice).rejects.toMatchObject({ code: '23505' })
      await inSavepoint(tx, (inner) => makeAccount(inner))
    })
    expect(await countAccounts()).toBe(before + 2)
  })

  it('hands its wish to wake on to the transaction', async () => {
    const heard = await withListener(async (notified) => {
      await inTransaction(store.database, (tx) => inSavepoint(tx, (inner) => insertJobs(inner, [makeJob()])))
      await notified(1)
    })
    expect(heard).toBe(1)
  })
})

/** Counts the notifications that arrive while `work` runs; `notified(n)` waits for the n-th. */
async function withListener(
  work: (notified: (count: number) => Promise<void>, heardYet: () => number) => Promise<void>,
): Promise<number> {
  const sql = postgres(store.url, { max: 1, onnotice: () => {} })
  let heard = 0
  const waiting: { count: number; resolve: () => void }[] = []
  await sql.listen(wakeChannel, () => {
    heard += 1
    for (const one of waiting) if (heard >= one.count) one.resolve()
  })
  try {
    await work(
      (count) => {
        const reached = Promise.withResolvers<void>()
        if (heard >= count) reached.resolve()
        else waiting.push({ count, resolve: reached.resolve })
        return reached.promise
      },
      () => heard,
    )
    return heard
  } finally {
    await sql.end({ timeout: 1 })
  }
}

describe('enqueueing', () => {
  it('is part of the transaction that enqueues: rolled back with it', async () => {
    const before = await readJobs(store.database)
    const failing = inTransaction(store.database, async (tx) => {
      await insertJobs(tx, [makeJob(), makeJob()])
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await readJobs(store.database)).toEqual(before.map((row) => ({ ...row, dueSeconds: expect.any(Number) })))
  })

  it('wakes the relays once the job is committed, and not before', async () => {
    const seen: number[] = []
    const heard = await withListener(async (notified, heardYet) => {
      const job = makeJob()
      await inTransaction(store.database, async (tx) => {
        await insertJobs(tx, [job])
        // Were the hint sent by now, it would be here before this second round trip ends.
        await store.database.sql`select pg_sleep(0.05)`
        seen.push(heardYet())
      })
      await notified(1)
      seen.push((await store.database.sql`select id from jobs where id = ${job.id}`).length)
    })
    expect(heard).toBe(1)
    expect(seen).toEqual([0, 1])
  })

  it('wakes nobody when it was rolled back, nor when nothing was enqueued', async () => {
    const heard = await withListener(async (notified) => {
      await inTransaction(store.database, async (tx) => {
        await insertJobs(tx, [makeJob()])
        throw new Error('no')
      }).catch(() => {})
      await inTransaction(store.database, (tx) => insertJobs(tx, []))
      await enqueue(store.database, {})
      await notified(1)
    })
    expect(heard).toBe(1)
  })
})
