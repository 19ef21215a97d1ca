import { sweepNames } from '@portcullis/contracts/sweep-name'
import { inTransaction } from '@portcullis/db/transaction'
import { useDatabase } from '@portcullis/testkit/database'
import { explainQuery } from '@portcullis/testkit/explain'
import { type SweptKind, sweptKinds } from '@portcullis/testkit/swept-kind'
import { describe, expect, it } from 'vitest'
import { sessionLimits } from '../session/limits.ts'
import { createSweeps } from './catalogue.ts'

const store = useDatabase()
const sweeps = createSweeps(
  {
    credentialDays: 30,
    resetDays: 31,
    deliveryDays: 32,
    loginDays: 90,
    noticeDays: 91,
    signalDays: 92,
    rentalDays: 93,
    deviceDays: 180,
    operationDays: 365,
    ledgerDays: 7,
  },
  sessionLimits,
)

/** Writes a row of that age, sweeps to the end, and tells whether it is still there as it was. */
async function stays(kind: SweptKind, seconds: number): Promise<boolean> {
  const { sql } = store.database
  const [row] = await kind.write(sql, sql`(now() - ${seconds} * interval '1 s')`)
  const sweep = sweeps.find((one) => one.name === kind.sweep)
  if (!row || !sweep) throw new Error('nothing was written')
  await inTransaction(store.database, (tx) => sweep.take(tx, 1000, undefined))
  const left = await sql.unsafe(`select from ${kind.table} where ${kind.key}::text = $1 and ${kind.ends ?? 'true'}`, [
    row.key,
  ])
  return left.length === 1
}

it('every sweep is held to its limit here', () => {
  expect(new Set(sweptKinds.map((kind) => kind.sweep))).toEqual(new Set(sweepNames))
})

describe.each(sweptKinds)('$sweep: $what', (kind) => {
  it('stays to the last moment, and then leaves', async () => {
    expect([await stays(kind, kind.seconds - 5), await stays(kind, kind.seconds + 1)]).toEqual([true, false])
  })

  it('is found by its index, and no table is read', async () => {
    const sweep = sweeps.find((one) => one.name === kind.sweep)
    // A connection as a service has it.
    const { scans, conditions } = await explainQuery(store.database, async (tx) => sweep?.take(tx, 100, undefined))
    const used = scans.flatMap((scan) => /^(?:Bitmap )?Index (?:Only )?Scan (.+)$/.exec(scan)?.[1] ?? [])
    expect([...new Set(used)].filter((name) => !name.startsWith('webhook_endpoints')).sort()).toEqual(
      kind.indexes.toSorted(),
    )
    expect(scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([])
    // It stops at the first row that is too young.
    expect(conditions).toMatch(/ <=? /)
  })
})
