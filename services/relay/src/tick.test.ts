import { findMessage, messages } from '@portcullis/contracts/messages/index'
import type { Message } from '@portcullis/contracts/messages/message'
import { listSlots } from '@portcullis/db/queries/job'
import { deleteOldJobs } from '@portcullis/db/queries/job-upkeep'
import { useDatabase } from '@portcullis/testkit/database'
import { age } from '@portcullis/testkit/age'
import { readJobs } from '@portcullis/testkit/ledger'
import { expect, it } from 'vitest'
import { writeTicks } from './tick.ts'

const store = useDatabase()
/** Every tick of one moment: message, hearer, and the seconds of its slot. */
const ticks = Object.values<Message>(messages).flatMap(({ name, heardBy, everySeconds }) =>
  everySeconds === undefined ? [] : heardBy.map((hearer) => ({ name, hearer, everySeconds })),
)

/**
 * A slot ends every second or two, perhaps between two lines of a test: then what was seen tells nothing, and the test begins
 * anew.
 */
async function inOneSlot(work: () => Promise<void>): Promise<void> {
  const periods = ticks.map((tick) => tick.everySeconds)
  const slots = async () => (await listSlots(store.database, periods)).join()
  for (;;) {
    await store.database.sql`truncate jobs`
    const before = await slots()
    const failed = await work().then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    if ((await slots()) !== before) continue
    if (failed) throw failed.error
    return
  }
}

it('many relays make one tick per message, hearer and slot', async () => {
  await inOneSlot(async () => {
    const made = await Promise.all(Array.from({ length: 6 }, () => writeTicks(store.database)))
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(ticks.length)
    expect(await writeTicks(store.database)).toBe(0)
    const jobs = await readJobs(store.database)
    const written = jobs.map((job) => `${job.message} ${job.hearer} ${job.state}`)
    expect(written.sort()).toEqual(ticks.map(({ name, hearer }) => `${name} ${hearer} pending`).sort())
    expect(written).toEqual(expect.arrayContaining(['purge.expired sweeper pending', 'reseal.secrets sweeper pending']))
    for (const job of jobs) {
      const message: Message | undefined = findMessage(job.message)
      expect(message?.payloads[message.version]?.parse(job.payload)).toEqual({})
    }
  })
})

it('the next slot has its own tick, though the last one is still open; slots that nobody was there for are not made up for', async () => {
  await inOneSlot(async () => {
    await writeTicks(store.database)
    // As if those had been written ten slots ago.
    await store.database.sql`
      update jobs set slot = regexp_replace(slot, '\d+$', '') || (regexp_substr(slot, '\d+$')::bigint - 10)`
    expect(await writeTicks(store.database)).toBe(ticks.length)
    expect(await readJobs(store.database)).toHaveLength(2 * ticks.length)
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

it('a slot is taken for as long as its job stays in the ledger, and that is longer than the slot', async () => {
  await inOneSlot(async () => {
    await writeTicks(store.database)
    for (const job of await readJobs(store.database)) {
      await age(store.database, 'jobs', job.id, 300)
      await store.database.sql`update jobs set state = 'done', done_at = now() - interval '300 s' where id = ${job.id}`
    }
    await deleteOldJobs(store.database, 1, 1000)
    expect(await writeTicks(store.database)).toBe(0)
  })
})
