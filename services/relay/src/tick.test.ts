import { messages } from '@portcullis/contracts/messages/index'
import { useDatabase } from '@portcullis/testkit/database'
import { age } from '@portcullis/testkit/age'
import { readJobs } from '@portcullis/testkit/ledger'
import { beforeEach, expect, it } from 'vitest'
import { purgeLedger } from './purge.ts'
import { writeTicks } from './tick.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database.sql`truncate jobs`
})

/** The present slot could end between two lines of a test; then the test begins anew in the next. */
async function inOneSlot(work: () => Promise<void>): Promise<void> {
  const left = async () => {
    const [row] = await store.database.sql<{ seconds: number }[]>`
      select 300 - (extract(epoch from now())::numeric % 300)::float8 as seconds`
    return row!.seconds
  }
  if ((await left()) < 5) await store.database.sql`select pg_sleep(6)`
  await work()
}

it('many relays make one tick per message, hearer and slot', async () => {
  await inOneSlot(async () => {
    const made = await Promise.all(Array.from({ length: 6 }, () => writeTicks(store.database)))
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(2)
    expect(await writeTicks(store.database)).toBe(0)
    const jobs = await readJobs(store.database)
    expect(jobs.map((job) => [job.message, job.hearer, job.state]).sort()).toEqual([
      ['purge.expired', 'notifier', 'pending'],
      ['purge.expired', 'reset-mailer', 'pending'],
    ])
    expect(jobs.map((job) => messages['purge.expired'].payloads[1].parse(job.payload))).toEqual([{}, {}])
  })
})

it('the next slot has its own tick, though the last one is still open; slots that nobody was there for are not made up for', async () => {
  await inOneSlot(async () => {
    await writeTicks(store.database)
    // As if those had been written ten slots ago.
    await store.database.sql`
      update jobs set slot = regexp_replace(slot, '\d+$', '') || (regexp_substr(slot, '\d+$')::bigint - 10)`
    expect(await writeTicks(store.database)).toBe(2)
    expect(await readJobs(store.database)).toHaveLength(4)
  })
})

it('a tick wakes the relays', async () => {
  await inOneSlot(async () => {
    let woken = 0
    const database = { ...store.database, wake: () => (woken += 1) }
    await writeTicks(database)
    expect(woken).toBe(1)
    await writeTicks(database)
    expect(woken).toBe(1)
  })
})

it('the purge goes by chunks, and says when there is more', async () => {
  await store.database.sql`
    insert into jobs (id, message, version, hearer, payload, priority, state, done_at)
    select gen_random_uuid(), 'send.notice', 1, 'notifier', '{}', 0, 'done', now() - interval '8 days' from generate_series(1, 1001)`
  expect(await purgeLedger(store.database, 7)).toBe(true)
  expect(await purgeLedger(store.database, 7)).toBe(false)
  expect(await readJobs(store.database)).toEqual([])
})

it('a slot is taken for as long as its job stays in the ledger, and that is longer than the slot', async () => {
  await inOneSlot(async () => {
    await writeTicks(store.database)
    for (const job of await readJobs(store.database)) {
      await age(store.database, 'jobs', job.id, 300)
      await store.database.sql`update jobs set state = 'done', done_at = now() - interval '300 s' where id = ${job.id}`
    }
    await purgeLedger(store.database, 1)
    expect(await writeTicks(store.database)).toBe(0)
  })
})
