import { inTransaction } from '@portcullis/db/transaction'
import { sealEvents } from '@portcullis/domain/audit/seal'
import { verifyExport } from '@portcullis/domain/audit/verify'
import type { HandlersFor } from '@portcullis/queue/handler'
import { newId } from '@portcullis/runtime/id'
import { asFile, exportLines, makeAuditKeys, makeFact, recordEach } from '@portcullis/testkit/audit'
import { useDatabase } from '@portcullis/testkit/database'
import { enqueue } from '@portcullis/testkit/ledger'
import { perform } from '@portcullis/testkit/perform'
import { beforeEach, expect, it } from 'vitest'
import { handleSealAudit } from './handle.ts'

const store = useDatabase()
const keys = makeAuditKeys()
const handlers = {
  'seal.audit': handleSealAudit({ keys, keepDays: 365, sealEventsMost: 10 }),
} as HandlersFor<'sweeper'>

beforeEach(async () => {
  await store.database.sql`truncate audit_events, audit_chain, audit_seals, jobs`
})

async function tick(deliveries = 1) {
  await enqueue(store.database, { message: 'seal.audit', hearer: 'sweeper', payload: {} })
  return perform(store.database, 'sweeper', handlers, deliveries)
}

const facts = (count: number) => Array.from({ length: count }, () => makeFact(newId('account')))
const verify = async () => verifyExport(asFile(await exportLines(store.database, keys)), { keys: keys.published })

/** Ticks until so many events are sealed: a transaction of another test on the same server may hold some up for a moment. */
async function tickUntil(events: number, deliveries = 1) {
  const end = performance.now() + 20_000
  for (;;) {
    const jobs = await tick(deliveries)
    expect(jobs).toMatchObject([{ state: 'done' }])
    const [row] = await store.database.sql<{ sealed: number }[]>`select count(*)::int4 as sealed from audit_chain`
    if (row?.sealed === events) return
    if (performance.now() > end) throw new Error(`${row?.sealed} of ${events} are sealed`)
  }
}

it('a tick catches up with whatever there is, in seals of bounded size', async () => {
  await recordEach(store.database, facts(37), facts(8))
  await tickUntil(45)
  const verdict = await verify()
  expect(verdict).toMatchObject({ ok: true, events: 45 })
  const [row] = await store.database.sql`select max(events) as most from audit_seals`
  expect(row?.['most']).toBe(10)
})

it('a tick that is delivered many times seals each event once', async () => {
  await recordEach(store.database, facts(30))
  await tickUntil(30, 5)
  expect(await verify()).toMatchObject({ ok: true, events: 30 })
})

it('a tick takes away what is older than it is kept, and leaves an audit that verifies', async () => {
  await recordEach(store.database, facts(25))
  await tickUntil(25)
  await store.database.sql`update audit_seals set sealed_at = sealed_at - interval '366 days' where seal = 1`
  const first = await store.database.sql<{ id: string }[]>`select event_id as id from audit_chain where seal = 1`
  expect(await tick()).toMatchObject([{ state: 'done' }])
  const left = await store.database.sql`
    select from audit_events where id = any(${first.map((row) => row.id)}::uuid[])`
  expect([first.length > 0, left.length]).toEqual([true, 0])
  expect(await verify()).toMatchObject({ ok: true, events: 25 - first.length })
})

it('a tick beside another sealer ends at once, and leaves the work to it', async () => {
  await recordEach(store.database, facts(5))
  const other = store.connect('other sealer')
  try {
    await inTransaction(other, async (tx) => {
      await sealEvents(tx, keys, 1)
      expect(await tick()).toMatchObject([{ state: 'done', code: 'busy' }])
    })
  } finally {
    await other.close()
  }
  await tickUntil(5)
  expect(await verify()).toMatchObject({ ok: true, events: 5 })
})
