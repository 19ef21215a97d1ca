import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Id } from '@portcullis/contracts/ids'
import { inTransaction } from '@portcullis/db/transaction'
import { lockdownFailpoints } from '@portcullis/domain/lockdown/failpoint'
import { openLockdown } from '@portcullis/domain/lockdown/open'
import type { Exit } from '@portcullis/local/child'
import { superviseService } from '@portcullis/local/supervise'
import { makeCaller } from '@portcullis/testkit/factory'
import { lockdownActions, lockdownCounts, makeFullAccount } from '@portcullis/testkit/full-account'
import { tellOfLockdown } from '@portcullis/testkit/teller'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, until } from '../house.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Houses that are visited side by side. Most of a visit is waiting until the ledger takes the dead worker's job back. */
const lanes = 4

const folder = mkdtempSync(join(tmpdir(), 'portcullis-lockdown-'))
const visited: string[] = []
let houses: House[] = []

beforeAll(async () => {
  // Without Redis: the worker takes from the ledger, and what its death leaves behind is handed out again soonest.
  houses = await Promise.all(
    Array.from({ length: lanes }, () => openHouse({ redisUrl: undefined, services: ['relay'] })),
  )
})
afterAll(async () => {
  await Promise.all(houses.map((house) => house.close()))
  rmSync(folder, { recursive: true, force: true })
})

describe('a worker that is killed in the middle of a lockdown', () => {
  it('at any of its fail points, and started again, brings it to its end: each effect once, the proof complete', async () => {
    const left = [...lockdownFailpoints]
    await Promise.all(
      houses.map(async (house) => {
        for (let name = left.shift(); name !== undefined; name = left.shift()) {
          await visit(house, name)
          visited.push(name)
        }
      }),
    )
    expect(visited.toSorted()).toEqual(lockdownFailpoints.toSorted())
  }, 240_000)
})

/** Opens a lockdown, with a worker that dies at the fail point, once, and is kept running by a supervisor. */
async function visit(house: House, name: string): Promise<void> {
  const { database } = house
  const account = await makeFullAccount(database)
  const id = await open(house, account.id)
  await tellOfLockdown(database, id)
  const marker = join(folder, name)
  const ends: Exit[] = []
  const worker = superviseService({
    name: 'lockdown',
    root,
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: house.databaseUrl,
      LOCKDOWN_LEASE_SECONDS: '1',
      FAILPOINT: `${name}@${marker}`,
    },
    logFile: join(folder, `${name}.log`),
    from: 'dist',
    restart: true,
    onRestart: (exit) => ends.push(exit),
  })
  try {
    await until(`the worker dies at ${name}`, async () => existsSync(marker) && ends.length > 0, 30_000)
    await until(
      `the lockdown is contained after ${name}`,
      async () => (await stateOf(house, id)) === 'contained',
      60_000,
    )
    await until(`its jobs are over after ${name}`, async () => (await jobsLeft(house)) === 0)
    expect(ends, `ends of the worker at ${name}`).toMatchObject([{ signal: 'SIGKILL' }])
    expect(await proofOf(house, id), name).toEqual(lockdownCounts)
    expect(await actionsOf(house, account.id), name).toEqual(lockdownActions)
  } finally {
    await worker.stop()
  }
}

async function open({ database }: House, accountId: Id<'account'>): Promise<Id<'lockdown'>> {
  const opened = await inTransaction(database, (tx) =>
    openLockdown(tx, {
      accountId,
      trigger: 'admin',
      reason: null,
      compromisedSince: null,
      actor: 'admin',
      caller: makeCaller(),
    }),
  )
  if (!opened) throw new Error('not opened')
  // Mail and chat are not what is tested: their jobs would wait for a notifier that is not there.
  await database.sql`delete from jobs where hearer <> 'lockdown'`
  return opened.lockdown.id
}

async function stateOf({ database }: House, id: Id<'lockdown'>): Promise<string | undefined> {
  const [row] = await database.sql<{ state: string }[]>`select state from lockdowns where id = ${id}`
  return row?.state
}

/** Jobs of the worker that are not over. Ticks for other services wait for ever: none of those is there. */
async function jobsLeft({ database }: House): Promise<number> {
  const rows = await database.sql`select id from jobs where hearer = 'lockdown' and state in ('pending', 'published')`
  return rows.length
}

/** The counts of the steps that are proven, with a proof that was read back. */
async function proofOf({ database }: House, id: Id<'lockdown'>): Promise<Record<string, unknown>> {
  const rows = await database.sql<{ step: string; counts: unknown }[]>`
    select step, counts from lockdown_steps
    where lockdown_id = ${id} and state = 'proven' and proof is not null and proven_at is not null`
  return Object.fromEntries(rows.map(({ step, counts }) => [step, counts]))
}

async function actionsOf({ database }: House, accountId: Id<'account'>): Promise<Record<string, number>> {
  const rows = await database.sql<{ action: string; count: number }[]>`
    select action, count(*)::int as count from audit_events where account_id = ${accountId} group by action`
  return Object.fromEntries(rows.map(({ action, count }) => [action, count]))
}
