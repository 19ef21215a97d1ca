import { useDatabase } from '@portcullis/testkit/database'
import { afterEach, expect, it, vi } from 'vitest'
import { connectDatabase } from './connect.ts'
import { type Listener, listenForJobs } from './wake.ts'

const store = useDatabase()
const listeners: Listener[] = []
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

/** Starts listening and waits until it does. */
async function listen(): Promise<{ woken: () => number }> {
  let woken = 0
  listeners.push(listenForJobs(store.url, () => (woken += 1)))
  await vi.waitFor(() => expect(woken).toBe(1), { timeout: 5000, interval: 5 })
  return { woken: () => woken }
}

it('a listener is woken when it begins to listen, and at each wake', async () => {
  const one = await listen()
  const two = await listen()
  store.database.wake()
  await vi.waitFor(() => expect([one.woken(), two.woken()]).toEqual([2, 2]), { interval: 5 })
})

it('a thousand wakes at once are one or two notifications', async () => {
  const { woken } = await listen()
  for (let count = 0; count < 1000; count += 1) store.database.wake()
  await vi.waitFor(() => expect(woken()).toBeGreaterThan(1), { interval: 5 })
  const heard = woken()
  expect(heard - 1).toBeLessThanOrEqual(2)
})

it('a wake while a notification is on its way is not swallowed: another one follows it', async () => {
  const { woken } = await listen()
  store.database.wake()
  // The notification has left this process, and its answer is not here yet.
  await new Promise((resolve) => setImmediate(resolve))
  store.database.wake()
  await vi.waitFor(() => expect(woken()).toBe(3), { interval: 5 })
})

it('a wake is heard though an earlier one failed because the store was away', async () => {
  const { woken } = await listen()
  const database = connectDatabase({ url: store.url, name: 'waker', poolSize: 1 })
  await database.sql`select 1`
  await store.database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'portcullis waker'`
  database.wake()
  await vi.waitFor(
    () => {
      database.wake()
      expect(woken()).toBeGreaterThan(1)
    },
    { timeout: 5000, interval: 20 },
  )
  await database.close()
})

it('a listener whose connection is terminated listens again, and is woken for what it may have missed', async () => {
  const { woken } = await listen()
  const killed = await store.database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'portcullis listener'`
  expect(killed).toHaveLength(1)
  await vi.waitFor(() => expect(woken()).toBe(2), { timeout: 5000, interval: 5 })
  store.database.wake()
  await vi.waitFor(() => expect(woken()).toBe(3), { interval: 5 })
})

it('a listener that was closed hears nothing more and leaves no connection', async () => {
  const { woken } = await listen()
  await listeners.pop()?.close()
  await store.database.sql`select pg_notify('portcullis_jobs', '')`
  await vi.waitFor(async () => {
    const left = await store.database.sql`
      select 1 from pg_stat_activity
      where datname = current_database() and application_name = 'portcullis listener'`
    expect(left).toHaveLength(0)
  })
  expect(woken()).toBe(1)
})
