import type { Id } from '@portcullis/contracts/ids'
import { findSealHead, listSeals, measureUnsealed } from '@portcullis/db/queries/audit-seal'
import { inTransaction } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { asFile, exportLines, makeAuditKeys, makeFact, recordEach, sealAll } from '@portcullis/testkit/audit'
import { useDatabase } from '@portcullis/testkit/database'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordFacts } from './record.ts'
import { sealEvents } from './seal.ts'
import { verifyExport } from './verify.ts'

const store = useDatabase()
const keys = makeAuditKeys()
const account: Id<'account'> = newId('account')
const facts = (count: number) => Array.from({ length: count }, () => makeFact(account))

beforeEach(async () => {
  await store.database.sql`truncate audit_events, audit_chain, audit_seals`
})

async function readChain(): Promise<{ sequence: number; id: string; seal: number }[]> {
  const rows = await store.database.sql<{ sequence: number; id: string; seal: number }[]>`
    select sequence::float8 as sequence, event_id as id, seal::int4 as seal from audit_chain order by audit_chain.sequence`
  return [...rows]
}

const verify = async () => verifyExport(asFile(await exportLines(store.database, keys)), { keys: keys.published })

describe('sealing', () => {
  it('gives every event one place, without a gap, in seals that hold on to each other', async () => {
    await recordEach(store.database, facts(3), facts(1), facts(5))
    await sealAll(store.database, keys, 4)
    await recordEach(store.database, facts(2))
    await sealAll(store.database, keys, 4)
    const chain = await readChain()
    expect(chain.map((link) => link.sequence)).toEqual(Array.from({ length: 11 }, (_, at) => at + 1))
    expect(new Set(chain.map((link) => link.id)).size).toBe(11)
    const seals = (await listSeals(store.database, null, 10)).toReversed()
    expect(seals.map((seal) => seal.seal)).toEqual(seals.map((_, at) => at + 1))
    for (const [at, seal] of seals.slice(1).entries()) expect(seal.previousHash).toBe(seals[at]?.hash)
    expect(await verify()).toMatchObject({ ok: true, events: 11, seals: seals.length, erased: 0, trusted: true })
  })

  it('does nothing where nothing is new: no empty seal', async () => {
    await recordEach(store.database, facts(1))
    await sealAll(store.database, keys)
    expect(await inTransaction(store.database, (tx) => sealEvents(tx, keys, 10))).toEqual({ kind: 'sealed', events: 0 })
    expect(await listSeals(store.database, null, 10)).toHaveLength(1)
  })

  it('passes nothing over: what a transaction wrote that commits late has its place before what came after it', async () => {
    const other = store.connect('late')
    const written = Promise.withResolvers<void>()
    const mayCommit = Promise.withResolvers<void>()
    const late = inTransaction(other, async (tx) => {
      await recordFacts(tx, [makeFact(account, { action: 'session_revoked' })])
      written.resolve()
      await mayCommit.promise
    })
    try {
      await written.promise
      await recordEach(store.database, [makeFact(account, { action: 'session_created' })])
      for (let run = 0; run < 5; run += 1) await inTransaction(store.database, (tx) => sealEvents(tx, keys, 10))
      // It may be on its way before the other: neither is sealed, and the backlog tells.
      expect(await readChain()).toEqual([])
      expect((await measureUnsealed(store.database, null, 10)).events).toBe(1)
      mayCommit.resolve()
      await late
      await sealAll(store.database, keys)
      const rows = await store.database.sql`
        select action from audit_chain join audit_events on id = event_id order by sequence`
      expect(rows.map((row) => row['action'])).toEqual(['session_revoked', 'session_created'])
    } finally {
      mayCommit.resolve()
      await late
      await other.close()
    }
  })

  it('goes on inside of a transaction that has more events than a seal', async () => {
    await recordEach(store.database, facts(25))
    await sealAll(store.database, keys, 10)
    expect((await listSeals(store.database, null, 10)).map((seal) => seal.events)).toEqual([5, 10, 10])
    expect(await verify()).toMatchObject({ ok: true, events: 25 })
  })

  it('goes by the number of the transaction, not by how it is written', async () => {
    await recordEach(store.database, ...Array.from({ length: 12 }, () => facts(1)))
    // 2, 3 … 13: as text the last four would come first.
    await store.database.sql`
      update audit_events as event set xid = (nth + 1)::text::xid8
      from (select id, row_number() over (order by id) as nth from audit_events) as numbered where numbered.id = event.id`
    await sealAll(store.database, keys, 5)
    const rows = await store.database.sql`
      select xid::text as number from audit_chain join audit_events on id = event_id order by sequence`
    expect(rows.map((row) => Number(row['number']))).toEqual(Array.from({ length: 12 }, (_, at) => at + 2))
  })

  it('is done by one at a time, and the others wait for nobody', async () => {
    await recordEach(store.database, ...Array.from({ length: 20 }, () => facts(10)))
    const other = store.connect('other sealer')
    try {
      await inTransaction(other, async (tx) => {
        expect((await sealEvents(tx, keys, 50)).kind).toBe('sealed')
        expect(await inTransaction(store.database, (second) => sealEvents(second, keys, 50))).toEqual({ kind: 'busy' })
      })
      await Promise.all([sealAll(store.database, keys, 7), sealAll(other, keys, 11)])
    } finally {
      await other.close()
    }
    expect((await readChain()).map((link) => link.sequence)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1))
    expect(await verify()).toMatchObject({ ok: true, events: 200 })
  })

  it('never waits for a writer, nor a writer for it', async () => {
    await recordEach(store.database, facts(3))
    await inTransaction(store.database, async (tx) => {
      await sealEvents(tx, keys, 10)
      // Its own transaction is not over: the writer commits all the same.
      await recordEach(store.database, facts(2))
    })
    await sealAll(store.database, keys)
    expect(await verify()).toMatchObject({ ok: true, events: 5 })
  })

  it('holds while writers are at work, whatever rolls back', async () => {
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let turn = 0; turn < 15; turn += 1) {
        const work = inTransaction(store.database, async (tx) => {
          await recordFacts(tx, facts(1 + (turn % 3)))
          if ((turn + writer) % 5 === 0) throw new Error('rolled back')
        })
        await work.catch((error: unknown) => {
          if (!String(error).includes('rolled back')) throw error
        })
      }
    })
    const sealing = (async () => {
      for (let run = 0; run < 20; run += 1) await inTransaction(store.database, (tx) => sealEvents(tx, keys, 9))
    })()
    await Promise.all([...writers, sealing])
    await sealAll(store.database, keys)
    const [row] = await store.database.sql<{ events: number }[]>`select count(*)::int4 as events from audit_events`
    expect(await verify()).toMatchObject({ ok: true, events: row?.events })
  })

  it('begins anew to look where the store was restored from a dump, and seals nothing twice', async () => {
    await recordEach(store.database, facts(3))
    await sealAll(store.database, keys)
    await store.database.sql`update audit_seals set last_xid = '999999999999'`
    expect((await findSealHead(store.database))?.after).toBeNull()
    await recordEach(store.database, facts(2))
    await sealAll(store.database, keys)
    expect(await verify()).toMatchObject({ ok: true, events: 5, seals: 2 })
  })

  it('leaves nothing behind when its transaction fails', async () => {
    await recordEach(store.database, facts(3))
    const failing = inTransaction(store.database, async (tx) => {
      await sealEvents(tx, keys, 10)
      throw new Error('power cut')
    })
    await expect(failing).rejects.toThrow('power cut')
    expect([await readChain(), await listSeals(store.database, null, 1)]).toEqual([[], []])
    await sealAll(store.database, keys)
    expect(await verify()).toMatchObject({ ok: true, events: 3, seals: 1 })
  })
})
