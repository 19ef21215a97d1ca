import { deleteOldCounters } from '@portcullis/db/queries/throttle'
import { inTransaction } from '@portcullis/db/transaction'
import { sha256 } from '@portcullis/runtime/digest'
import { useDatabase } from '@portcullis/testkit/database'
import { expect, it, vi } from 'vitest'
import { networkRule, passwordRule } from './rules.ts'
import { forgetAttempts, takeAttempt } from './take.ts'

const store = useDatabase()

it('of fifty attempts at once as many are admitted as the rule allows, and as many are counted: twenty times', async () => {
  for (let round = 0; round < 20; round += 1) {
    const [network, password] = [`network-${round}`, `password-${round}`]
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        takeAttempt(
          store.database,
          // In either order: whoever names them the other way round must not wait in a circle.
          at % 2 === 0
            ? [
                { name: network, rule: networkRule },
                { name: password, rule: passwordRule },
              ]
            : [
                { name: password, rule: passwordRule },
                { name: network, rule: networkRule },
              ],
        ),
      ),
    )
    expect(taken.filter(({ admitted }) => admitted)).toHaveLength(passwordRule.free)
    expect([await attemptsOf(network), await attemptsOf(password)]).toEqual([passwordRule.free, passwordRule.free])
  }
}, 60_000)

it('an attempt that comes while its counter is being forgotten is counted anew, and under its own name', async () => {
  const names = ['forgotten', 'kept'] as const
  const throttled = [
    { name: names[0], rule: passwordRule },
    { name: names[1], rule: networkRule },
  ]
  for (let count = 0; count < 4; count += 1) await takeAttempt(store.database, throttled)
  const holder = store.connect('holder')
  try {
    let taken: Promise<unknown> | undefined
    await inTransaction(holder, async (tx) => {
      await tx.sql`select key_hash from throttles where key_hash = ${sha256(names[0])} for update`
      taken = takeAttempt(store.database, throttled)
      await vi.waitFor(async () => {
        const waiting = await holder.sql`
          select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        expect(waiting).toHaveLength(1)
      })
      await forgetAttempts(tx, [names[0]])
    })
    expect(await taken).toMatchObject({ admitted: true })
  } finally {
    await holder.close()
  }
  expect([await attemptsOf(names[0]), await attemptsOf(names[1])]).toEqual([1, 5])
})

it('a counter that lets nothing through any more is not tidied away, however old; any other is', async () => {
  for (const [name, attempts] of [
    ['exhausted', 100],
    ['nearly', 99],
  ] as const) {
    await store.database.sql`
      insert into throttles (key_hash, attempts, touched_at) values (${sha256(name)}, ${attempts}, now() - interval '2 days')`
  }
  await inTransaction(store.database, (tx) => deleteOldCounters(tx, passwordRule.hardMost, 100))
  expect([await attemptsOf('exhausted'), await attemptsOf('nearly')]).toEqual([100, undefined])
  expect(await takeAttempt(store.database, [{ name: 'exhausted', rule: passwordRule }])).toMatchObject({
    admitted: false,
    exhausted: true,
  })
})

async function attemptsOf(name: string): Promise<number | undefined> {
  const [row] = await store.database.sql<{ attempts: number }[]>`
    select attempts from throttles where key_hash = ${sha256(name)}`
  return row?.attempts
}
