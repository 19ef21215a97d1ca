import { asId } from '@portcullis/contracts/ids'
import { findUsableReset } from '@portcullis/db/queries/password-reset'
import { done, stop } from '@portcullis/queue/outcome'
import { describe, expect, it } from 'vitest'
import { age } from './age.ts'
import { createFakeClock } from './clock.ts'
import { useDatabase } from './database.ts'
import { expectAudited, expectEnqueued } from './expect.ts'
import { makeAccount, makeCaller, makeSession } from './factory.ts'
import { makeHandlers } from './handlers.ts'
import { enqueue, readJob } from './ledger.ts'
import { perform } from './perform.ts'

const store = useDatabase()

it('performing works off what is due by the real handlers, and tells how each job stands', async () => {
  const [first, second] = await enqueue(store.database, {}, {}, { delayMs: 60_000 })
  const seen: string[] = []
  const handlers = makeHandlers({
    'send.notice': {
      kind: 'transaction',
      work: async (_tx, jobs) => {
        seen.push(...jobs.map((job) => job.id))
        return jobs.map((job) => (job.id === first ? done : stop('refused')))
      },
    },
  })
  const performed = await perform(store.database, 'notifier', handlers, 3)
  expect(seen.sort()).toEqual([first, second])
  expect(performed).toEqual([
    { id: first, message: 'send.notice', state: 'done', attempts: 0, code: null },
    { id: second, message: 'send.notice', state: 'dead', attempts: 0, code: 'refused' },
  ])
  expect(await perform(store.database, 'notifier', handlers)).toEqual([])
})

describe('expectations', () => {
  it('fail when a job is missing, one too many, or says something else', async () => {
    await store.database.sql`truncate jobs`
    const payload = { noticeId: 'one' }
    await expect(expectEnqueued(store.database, 'send.notice', [payload])).rejects.toThrow()
    await enqueue(store.database, { payload })
    await expectEnqueued(store.database, 'send.notice', [payload])
    await expect(expectEnqueued(store.database, 'send.notice', [])).rejects.toThrow()
    await expect(expectEnqueued(store.database, 'send.notice', [{ noticeId: 'two' }])).rejects.toThrow()
  })

  it('fail when a fact is missing or another was recorded', async () => {
    const { id } = await makeAccount(store.database)
    await expect(expectAudited(store.database, id, ['happened'])).rejects.toThrow()
    await store.database.sql`
      insert into audit_events (id, action, actor, subject_kind, subject_id, details)
      values (gen_random_uuid(), 'happened', 'system', 'account', ${id}, '{}')`
    await expectAudited(store.database, id, ['happened'])
    await expect(expectAudited(store.database, id, ['other'])).rejects.toThrow()
  })
})

it('a row that is aged is as one that waited: each of its moments, and no other row', async () => {
  const [old, young] = await enqueue(store.database, { delayMs: 60_000 }, { delayMs: 60_000 })
  await age(store.database, 'jobs', old!, 61)
  expect((await readJob(store.database, old!)).dueSeconds).toBeLessThan(0)
  expect((await readJob(store.database, young!)).dueSeconds).toBeGreaterThan(55)
})

it('a fake clock stands still until it is moved', () => {
  const clock = createFakeClock()
  const [now, ms] = [clock.now(), clock.monotonicMs()]
  expect([clock.now(), clock.monotonicMs()]).toEqual([now, ms])
  clock.forward(1500)
  expect(clock.now().getTime() - now.getTime()).toBe(1500)
  expect(clock.monotonicMs() - ms).toBe(1500)
})

it('accounts that are made have an address and a caller of their own, and sessions of the present epoch', async () => {
  const [one, two] = [await makeAccount(store.database), await makeAccount(store.database)]
  expect(one.emailKey).not.toBe(two.emailKey)
  expect(makeCaller().requestId).not.toBe(makeCaller().requestId)
  const session = await makeSession(store.database, asId('account', one.id))
  const [row] = await store.database
    .sql`select account_id as account, epoch, revoked_at as revoked from sessions where id = ${session}`
  expect(row).toEqual({ account: one.id, epoch: 1, revoked: null })
  expect(await findUsableReset(store.database, Buffer.alloc(32))).toBeUndefined()
})
