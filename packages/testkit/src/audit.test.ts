import { listSeals } from '@portcullis/db/queries/audit-seal'
import { inTransaction } from '@portcullis/db/transaction'
import { recordFacts } from '@portcullis/domain/audit/record'
import { expect, it } from 'vitest'
import { makeAuditKeys, makeFact, recordEach, sealAll } from './audit.ts'
import { useDatabase } from './database.ts'

const store = useDatabase()

it('all is sealed in seals as large as was asked, though a transaction holds some events up meanwhile', async () => {
  const other = store.connect('slow neighbour')
  const fact = () => [makeFact(null)]
  try {
    await recordEach(store.database, fact())
    const { sealing } = await inTransaction(other, async (tx) => {
      await recordFacts(tx, fact())
      await recordEach(store.database, fact(), fact(), fact())
      const begun = sealAll(store.database, makeAuditKeys(), 2)
      // Its first looks are answered before these.
      for (let look = 0; look < 20; look += 1) await store.database.sql`select 1`
      expect(await listSeals(store.database, null, 10)).toEqual([])
      return { sealing: begun }
    })
    await sealing
    expect((await listSeals(store.database, null, 10)).map((seal) => seal.events)).toEqual([1, 2, 2])
  } finally {
    await other.close()
  }
})
