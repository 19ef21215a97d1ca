import { useDatabase } from '@portcullis/testkit/database'
import { enqueue } from '@portcullis/testkit/ledger'
import { explainQuery } from '@portcullis/testkit/explain'
import { oldestDueSeconds } from '@portcullis/db/queries/sweep'
import { services } from '@portcullis/contracts/service'
import { systemClock } from '@portcullis/runtime/clock'
import { beforeEach, expect, it } from 'vitest'
import { createLagProbe } from './lag.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database.sql`truncate jobs`
})

const limits = { roundTripMs: 5000, securityJobSeconds: 5 }
const dueSince = (seconds: number, state = 'pending') => store.database.sql`
  update jobs set run_at = now() - ${seconds} * interval '1 s', state = ${state}`

it('a security job that is late is seen, for whomever it is; one that is not due, not late, handed out or not urgent is not', async () => {
  const probe = createLagProbe(store.database, systemClock, limits)
  expect(await probe()).toBeUndefined()
  await enqueue(store.database, { priority: 0, hearer: 'lockdown' })
  await dueSince(-60)
  expect(await probe()).toBeUndefined()
  await dueSince(3)
  expect(await probe()).toBeUndefined()
  await dueSince(6)
  expect(await probe()).toBe('security_jobs_late')
  await dueSince(6, 'published')
  expect(await probe()).toBeUndefined()
  await store.database.sql`update jobs set state = 'pending', priority = 20`
  expect(await probe()).toBeUndefined()
})

it('a round trip that takes too long is seen', async () => {
  let ms = 0
  const clock = { ...systemClock, monotonicMs: () => (ms += 60) }
  expect(await createLagProbe(store.database, clock, { ...limits, roundTripMs: 59 })()).toBe('store_slow')
  expect(await createLagProbe(store.database, clock, { ...limits, roundTripMs: 60 })()).toBeUndefined()
})

it('the look goes by the index of due jobs', async () => {
  const { scans } = await explainQuery(store.database, (tx) => oldestDueSeconds(tx, services, 0))
  expect(scans.filter((scan) => scan.includes('jobs'))).toEqual([
    expect.stringMatching(/^Index (Only )?Scan jobs_due$/),
  ])
})
