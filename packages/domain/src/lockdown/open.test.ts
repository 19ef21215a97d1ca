import type { Id } from '@portcullis/contracts/ids'
import { lockdownStepNames } from '@portcullis/contracts/lockdown-step'
import { inTransaction } from '@portcullis/db/transaction'
import { openPlaces } from '@portcullis/runtime/place'
import { useDatabase } from '@portcullis/testkit/database'
import { expectEnqueued, listAudited } from '@portcullis/testkit/expect'
import { makeAccount, makeCaller, makeSession } from '@portcullis/testkit/factory'
import { expect, test } from 'vitest'
import { newSessionToken } from '../api-key/credential-token.ts'
import { createCredentialResolver } from '../credential/resolve.ts'
import { sessionLimits } from '../session/limits.ts'
import { createLogger } from '@portcullis/runtime/log'
import { openLockdown } from './open.ts'

const store = useDatabase()

const request = (accountId: Id<'account'>) => ({
  accountId,
  trigger: 'owner' as const,
  reason: null,
  compromisedSince: null,
  actor: 'account' as const,
  actorId: accountId,
  caller: makeCaller(),
})

test('from the commit on, a session that was issued before opens nothing', async () => {
  const { database } = store
  const account = await makeAccount(database)
  const sessionId = await makeSession(database, account.id)
  const { token, hash } = newSessionToken()
  await database.sql`update sessions set token_hash = ${hash} where id = ${sessionId}`
  const log = createLogger({ service: 'test', level: 'silent' })
  const resolve = createCredentialResolver({ database, limits: sessionLimits, places: await openPlaces(), log })
  expect(await resolve(token, null)).toBeDefined()
  await inTransaction(database, (tx) => openLockdown(tx, request(account.id)))
  expect(await resolve(token, null)).toBeUndefined()
})

test('the fence, the lockdown with its steps and snapshot, audit event and jobs stand together', async () => {
  const { database } = store
  const account = await makeAccount(database)
  const session = await makeSession(database, account.id)
  const opened = await inTransaction(database, (tx) => openLockdown(tx, request(account.id)))
  const lockdown = opened?.lockdown
  expect(lockdown).toMatchObject({ state: 'open', epoch: 2, joined: 0, snapshot: { sessions: [session] } })
  const [row] = await database.sql`select state, security_epoch as epoch from accounts where id = ${account.id}`
  expect(row).toEqual({ state: 'locked', epoch: 2 })
  const steps = await database.sql<{ step: string }[]>`
    select step from lockdown_steps where lockdown_id = ${lockdown?.id ?? ''} and state = 'pending'`
  expect(new Set(steps.map(({ step }) => step))).toEqual(new Set(lockdownStepNames))
  const facts = await listAudited(database, lockdown?.id)
  expect(facts).toMatchObject([{ action: 'account_locked', details: { trigger: 'owner', txn: lockdown?.txn } }])
  const notices = await database.sql`select kind from notices where lockdown_id = ${lockdown?.id ?? ''}`
  expect(notices).toEqual([{ kind: 'account_locked' }])
})

test('of fifty lockdowns at once one is opened and the others join it', async () => {
  const { database } = store
  const account = await makeAccount(database)
  const all = await Promise.all(
    Array.from({ length: 50 }, () => inTransaction(database, (tx) => openLockdown(tx, request(account.id)))),
  )
  expect(all.filter((one) => one?.joined === false)).toHaveLength(1)
  expect(new Set(all.map((one) => one?.lockdown.id)).size).toBe(1)
  const [row] = await database.sql`
    select security_epoch as epoch, (select joined from lockdowns where account_id = accounts.id) as joined
    from accounts where id = ${account.id}`
  expect(row).toEqual({ epoch: 2, joined: 49 })
})

test('what fails after the lock takes the lock, its audit event and its jobs back', async () => {
  const { database } = store
  const account = await makeAccount(database)
  await database.sql`delete from jobs`
  const failing = inTransaction(database, async (tx) => {
    await openLockdown(tx, request(account.id))
    throw new Error('and then')
  })
  await expect(failing).rejects.toThrow('and then')
  const [row] = await database.sql`select state, security_epoch as epoch from accounts where id = ${account.id}`
  expect(row).toEqual({ state: 'active', epoch: 1 })
  await expectEnqueued(database, 'run.lockdown', [])
})

test('a disabled account, and one that is not there, cannot be locked', async () => {
  const { database } = store
  const account = await makeAccount(database)
  await database.sql`update accounts set state = 'disabled' where id = ${account.id}`
  expect(await inTransaction(database, (tx) => openLockdown(tx, request(account.id)))).toBeUndefined()
})
