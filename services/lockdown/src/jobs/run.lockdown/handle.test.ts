import type { Id } from '@portcullis/contracts/ids'
import { openLockdown } from '@portcullis/domain/lockdown/open'
import { createLockdownRunner } from '@portcullis/domain/lockdown/run'
import { inTransaction } from '@portcullis/db/transaction'
import { createLogger } from '@portcullis/runtime/log'
import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { expectEnqueued } from '@portcullis/testkit/expect'
import { makeAccount, makeCaller } from '@portcullis/testkit/factory'
import { makeFullAccount } from '@portcullis/testkit/full-account'
import { enqueue, readJob } from '@portcullis/testkit/ledger'
import { perform } from '@portcullis/testkit/perform'
import { tellOfLockdown } from '@portcullis/testkit/teller'
import { beforeEach, describe, expect, it } from 'vitest'
import { handleWatchLockdowns } from '../watch.lockdowns/handle.ts'
import { handleRunLockdown } from './handle.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database.sql`truncate jobs`
})

const log = createLogger({ service: 'test', level: 'silent' })
const handlers = () => ({
  'run.lockdown': handleRunLockdown({
    run: createLockdownRunner({ database: store.database, failpoint: () => {}, onStepFailed: () => 'p0042' }),
    leaseSeconds: 5,
  }),
  'watch.lockdowns': handleWatchLockdowns({ log }),
})
const work = (deliveries = 1) => perform(store.database, 'lockdown', handlers(), deliveries)

async function open(accountId: Id<'account'>): Promise<Id<'lockdown'>> {
  const opened = await inTransaction(store.database, (tx) =>
    openLockdown(tx, {
      accountId,
      trigger: 'owner',
      reason: null,
      compromisedSince: null,
      actor: 'account',
      actorId: accountId,
      caller: makeCaller(),
    }),
  )
  if (!opened) throw new Error('not opened')
  return opened.lockdown.id
}

async function stateOf(id: Id<'lockdown'>): Promise<unknown> {
  const [row] = await store.database.sql<{ state: string }[]>`select state from lockdowns where id = ${id}`
  return row?.state
}

describe('run.lockdown', () => {
  it('ends while it waits for the tellers, and contains the lockdown when they say it again', async () => {
    const id = await open((await makeFullAccount(store.database)).id)
    expect(await work()).toMatchObject([{ message: 'run.lockdown', state: 'done', code: null }])
    expect(await stateOf(id)).toBe('open')
    await tellOfLockdown(store.database, id)
    expect(await work()).toMatchObject([{ state: 'done' }])
    expect(await stateOf(id)).toBe('contained')
  })

  it('delivered twice at once, and said by two jobs at once, has each effect once', async () => {
    const account = await makeFullAccount(store.database)
    const id = await open(account.id)
    // A second trigger joins, and says it again.
    expect(await open(account.id)).toBe(id)
    await tellOfLockdown(store.database, id)
    const jobs = await work(2)
    expect(jobs.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    expect(await stateOf(id)).toBe('contained')
    const facts = await store.database.sql<{ action: string; count: number }[]>`
      select action, count(*)::int as count from audit_events where account_id = ${account.id}
        and action in ('sessions_revoked', 'api_key_revoked', 'ssh_key_revoked', 'lockdown_step_proven', 'lockdown_contained')
      group by action order by action`
    expect(facts.map(({ action, count }) => [action, count])).toEqual([
      ['api_key_revoked', 3],
      ['lockdown_contained', 1],
      ['lockdown_step_proven', 10],
      ['sessions_revoked', 1],
      ['ssh_key_revoked', 3],
    ])
  })

  it('of a lockdown that is gone has nothing to do', async () => {
    const account = await makeAccount(store.database)
    const id = await open(account.id)
    await store.database.sql`delete from accounts where id = ${account.id}`
    expect(await work()).toMatchObject([{ state: 'done', code: 'gone' }])
    expect(await stateOf(id)).toBeUndefined()
  })

  it('with a step that fails is tried again later, and says which', async () => {
    const { sql } = store.database
    const id = await open((await makeFullAccount(store.database, { sessions: 1 })).id)
    await sql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
      create trigger refuse before update on ssh_keys for each row execute function refuse()`)
    try {
      expect(await work()).toMatchObject([{ state: 'pending', attempts: 1, code: 'step_ssh_keys' }])
    } finally {
      await sql.unsafe('drop trigger refuse on ssh_keys; drop function refuse')
    }
    await sql`update jobs set run_at = now()`
    expect(await work()).toMatchObject([{ state: 'done', code: null }])
    const rows =
      await sql`select step from lockdown_steps where lockdown_id = ${id} and state <> 'proven' order by step`
    expect(rows.map(({ step }) => step)).toEqual(['owner', 'support'])
  })
})

describe('watch.lockdowns', () => {
  it('says run.lockdown again for what is not contained after half a minute, and for nothing else', async () => {
    const { database } = store
    await database.sql`update lockdowns set contained_at = now()`
    const stuck = await open((await makeAccount(database)).id)
    const young = await open((await makeAccount(database)).id)
    await age(database, 'lockdowns', stuck, 31)
    await database.sql`truncate jobs`
    const [tick] = await enqueue(database, { message: 'watch.lockdowns', hearer: 'lockdown', payload: {} })
    await work()
    expect(await readJob(database, tick!)).toMatchObject({ state: 'done' })
    await expectEnqueued(database, 'run.lockdown', [{ lockdownId: stuck }])
    expect(await stateOf(young)).toBe('open')
  })
})
