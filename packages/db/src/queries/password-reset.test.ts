import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { asId, type Id } from '@portcullis/contracts/ids'
import { age } from '@portcullis/testkit/age'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount, makeSession, type MadeAccount } from '@portcullis/testkit/factory'
import { readJobs } from '@portcullis/testkit/ledger'
import { describe, expect, it } from 'vitest'
import { inTransaction, type Tx } from '../transaction.ts'
import { lockAccount, updatePassword } from './account.ts'
import {
  applyResetDecisions,
  deleteOldResets,
  findUsableReset,
  insertResetRequests,
  listRecentResets,
  listResetsForUpdate,
  type NewResetRequest,
  updateResetUsed,
  voidExpiredResets,
  voidResets,
} from './password-reset.ts'
import { revokeSessions } from './session.ts'

const store = useDatabase()
const inTx = <T>(work: (tx: Tx) => Promise<T>) => inTransaction(store.database, work)
const job = { message: 'reset.requested', version: 1, hearer: 'reset-mailer', priority: 0 }
const hashOf = (token: string) => createHash('sha256').update(token).digest()

function request(emailKey: string, given: Partial<NewResetRequest> = {}): NewResetRequest {
  return {
    // In order of time, as ids of the house are.
    id: asId('passwordReset', newerId()),
    emailKey,
    salt: randomBytes(16),
    ip: '203.0.113.7',
    userAgent: 'test',
    requestId: `req-${randomUUID()}`,
    auditEventId: asId('auditEvent', newerId()),
    jobId: asId('job', newerId()),
    traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`,
    ...given,
  }
}

let made = 0
function newerId(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  made += 1
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${made.toString(16).padStart(12, '0')}`
}

/** Asks for a reset and makes it ready, with the given token. */
async function ready(account: MadeAccount, token: string, validMinutes = 30): Promise<Id<'passwordReset'>> {
  const asked = request(account.emailKey)
  await insertResetRequests(store.database, [asked], job)
  await inTx((tx) => decide(tx, asked.id, token, validMinutes))
  return asked.id
}

async function decide(tx: Tx, id: Id<'passwordReset'>, token: string, validMinutes = 30): Promise<void> {
  const [read] = await listResetsForUpdate(tx, [id])
  await applyResetDecisions(
    tx,
    [{ id, state: 'ready', accountId: read!.accountId, tokenHash: hashOf(token) }],
    validMinutes,
  )
}

async function rowOf(id: Id<'passwordReset'>) {
  const [row] = await store.database.sql`
    select state, email_key as "emailKey", account_id as "accountId", host(ip) as ip, user_agent as "userAgent",
      token_hash is not null as hashed, ended_at is not null as ended from password_resets where id = ${id}`
  return row
}

describe('accepted requests', () => {
  it('are each a request, an audit event and a job, by their place, in one statement', async () => {
    const asked = ['a', 'b', 'c'].map((name) => request(`${name}@example.com`))
    await insertResetRequests(store.database, asked, job)
    for (const one of asked) {
      expect(await rowOf(one.id)).toMatchObject({ state: 'requested', emailKey: one.emailKey, ip: '203.0.113.7' })
      const [event] = await store.database.sql`
        select action, subject_id as subject, request_id as request from audit_events where id = ${one.auditEventId}`
      expect(event).toEqual({ action: 'authn_password_reset_requested', subject: one.id, request: one.requestId })
      const [row] = (await readJobs(store.database)).filter((one2) => one2.id === one.jobId)
      expect(row).toMatchObject({ state: 'pending', hearer: 'reset-mailer', payload: { passwordResetId: one.id } })
    }
  })

  it('are all accepted or none', async () => {
    const [one, two] = [request('one@example.com'), request('two@example.com')]
    await insertResetRequests(store.database, [two], job)
    await expect(insertResetRequests(store.database, [one, two], job)).rejects.toMatchObject({ code: '23505' })
    expect(await rowOf(one.id)).toBeUndefined()
  })

  it('hold the ledger free of the address that was asked for', async () => {
    const asked = request('planted-address@example.com')
    await insertResetRequests(store.database, [asked], job)
    const [found] = await store.database.sql`
      select count(*)::int as count from (select jobs::text as row from jobs union all select audit_events::text from audit_events) as rows
      where row like '%planted-address%'`
    expect(found).toEqual({ count: 0 })
  })
})

describe('a decision', () => {
  it('makes a token valid for its minutes, and forgets the address that was asked for', async () => {
    const account = await makeAccount(store.database)
    const id = await ready(account, 'decided')
    expect(await rowOf(id)).toMatchObject({ state: 'ready', emailKey: null, accountId: account.id, hashed: true })
    expect(await findUsableReset(store.database, hashOf('decided'))).toEqual({
      id,
      accountId: account.id,
      email: account.email,
      name: account.name,
    })
    await age(store.database, 'password_resets', id, 29 * 60)
    expect(await findUsableReset(store.database, hashOf('decided'))).toBeDefined()
    await age(store.database, 'password_resets', id, 61)
    expect(await findUsableReset(store.database, hashOf('decided'))).toBeUndefined()
  })

  it('that there is nobody to mail keeps neither address nor origin', async () => {
    const asked = request('nobody@example.com')
    await insertResetRequests(store.database, [asked], job)
    const [read] = await inTx((tx) => listResetsForUpdate(tx, [asked.id]))
    expect(read).toMatchObject({ accountId: null, email: null, state: 'requested', outdated: false, expired: false })
    const unknown = { id: asked.id, state: 'unknown', accountId: null, tokenHash: null } as const
    await inTx((tx) => applyResetDecisions(tx, [unknown], 30))
    expect(await rowOf(asked.id)).toEqual({
      state: 'unknown',
      emailKey: null,
      accountId: null,
      ip: null,
      userAgent: null,
      hashed: false,
      ended: true,
    })
  })

  it('for a newer request voids the older token, and that of nobody else', async () => {
    const [account, other] = [await makeAccount(store.database), await makeAccount(store.database)]
    const older = await ready(account, 'older')
    await ready(other, 'other')
    await ready(account, 'newer')
    expect(await rowOf(older)).toMatchObject({ state: 'void', ip: null, userAgent: null, ended: true })
    expect(await findUsableReset(store.database, hashOf('older'))).toBeUndefined()
    expect(await findUsableReset(store.database, hashOf('newer'))).toBeDefined()
    expect(await findUsableReset(store.database, hashOf('other'))).toBeDefined()
  })

  it('sees that the password was changed after the request', async () => {
    const account = await makeAccount(store.database)
    const asked = request(account.emailKey)
    await insertResetRequests(store.database, [asked], job)
    await inTx((tx) => updatePassword(tx, account.id, 'hash'))
    const [read] = await inTx((tx) => listResetsForUpdate(tx, [asked.id]))
    expect(read).toMatchObject({ outdated: true, accountId: account.id })
    expect(read?.requestedAt).toBeInstanceOf(Date)
  })

  it('workers that decide for one account at once never exceed its limit', async () => {
    const account = await makeAccount(store.database)
    const asked = Array.from({ length: 20 }, () => request(account.emailKey))
    await insertResetRequests(store.database, asked, job)
    const pools = [store.connect('one'), store.connect('two')]
    await Promise.all(
      asked.map((one, place) =>
        inTransaction(pools[place % 2]!, async (tx) => {
          await listResetsForUpdate(tx, [one.id])
          const recent = (await listRecentResets(tx, [account.id])).get(account.id)
          const limited = (recent?.readyLastHour ?? 0) >= 5
          const tokenHash = limited ? null : hashOf(one.id)
          const state = limited ? ('limited' as const) : ('ready' as const)
          await applyResetDecisions(tx, [{ id: one.id, state, accountId: account.id, tokenHash }], 30)
        }),
      ),
    )
    await Promise.all(pools.map((pool) => pool.close()))
    const rows = await store.database.sql`
      select state, count(*)::int as count from password_resets where account_id = ${account.id} group by state order by state`
    expect([...rows]).toEqual([
      { state: 'limited', count: 15 },
      { state: 'ready', count: 1 },
      { state: 'void', count: 4 },
    ])
  })

  it('counts what was sent within the last hour only', async () => {
    const account = await makeAccount(store.database)
    const old = await ready(account, `old-${account.id}`)
    await ready(account, `new-${account.id}`)
    await age(store.database, 'password_resets', old, 3601)
    const recent = await inTx((tx) => listRecentResets(tx, [account.id]))
    expect(recent.get(account.id)).toEqual({ readyLastHour: 1, newestRequestedAt: expect.any(Date) })
  })
})

describe('a token', () => {
  it('opens for exactly one of fifty who use it at once', async () => {
    const account = await makeAccount(store.database)
    const id = await ready(account, 'raced')
    const pools = [store.connect('one'), store.connect('two')]
    const used = await Promise.all(
      Array.from({ length: 50 }, (_, place) =>
        inTransaction(pools[place % 2]!, async (tx) => {
          await lockAccount(tx, account.id)
          if (!(await updateResetUsed(tx, id))) return false
          await updatePassword(tx, account.id, `hash-${place}`)
          return true
        }),
      ),
    )
    await Promise.all(pools.map((pool) => pool.close()))
    expect(used.filter(Boolean)).toHaveLength(1)
    expect(await rowOf(id)).toMatchObject({ state: 'used', ip: null, userAgent: null })
    const [now] = await store.database.sql`select password_hash as hash from accounts where id = ${account.id}`
    expect(now).toEqual({ hash: `hash-${used.indexOf(true)}` })
  })

  it('that expired, was voided or belongs to a disabled account opens nothing', async () => {
    const account = await makeAccount(store.database)
    const id = await ready(account, 'late')
    await age(store.database, 'password_resets', id, 31 * 60)
    expect(await inTx((tx) => updateResetUsed(tx, id))).toBe(false)
    const voided = await ready(account, 'voided')
    expect(await inTx((tx) => voidResets(tx, account.id))).toBe(1)
    expect(await inTx((tx) => updateResetUsed(tx, voided))).toBe(false)
    await ready(account, 'disabled')
    await store.database.sql`update accounts set state = 'disabled' where id = ${account.id}`
    expect(await findUsableReset(store.database, hashOf('disabled'))).toBeUndefined()
    expect(await inTx((tx) => lockAccount(tx, account.id))).toBe(false)
  })
})

describe('upkeep', () => {
  it('voids what has expired, a chunk at a time, and two at once share the work', async () => {
    await store.database.sql`delete from password_resets`
    const account = await makeAccount(store.database)
    const accounts = [account, await makeAccount(store.database), await makeAccount(store.database)]
    const ids = []
    for (const one of accounts) ids.push(await ready(one, `expires-${one.id}`))
    for (const id of ids.slice(0, 2)) await age(store.database, 'password_resets', id, 31 * 60)
    const voided = await inTx(async (tx) => [
      ...(await voidExpiredResets(tx, 1)),
      ...(await inTx((other) => voidExpiredResets(other, 10))),
    ])
    expect(voided.sort()).toEqual(ids.slice(0, 2).sort())
    expect(await inTx((tx) => voidExpiredResets(tx, 10))).toEqual([])
    expect(await rowOf(ids[0]!)).toMatchObject({ state: 'void', ip: null, userAgent: null })
    expect(await rowOf(ids[2]!)).toMatchObject({ state: 'ready' })
  })

  it('deletes requests by the age in their ids, the oldest first, no more than asked for', async () => {
    await store.database.sql`delete from password_resets`
    const aged = (days: number) => {
      const time = (Date.now() - days * 86_400_000).toString(16).padStart(12, '0')
      return asId('passwordReset', `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${randomBytes(6).toString('hex')}`)
    }
    const [oldest, old, young] = [aged(32), aged(31), aged(29)]
    await insertResetRequests(
      store.database,
      [old, young, oldest].map((id) => request('x@example.com', { id })),
      job,
    )
    expect(await inTx((tx) => deleteOldResets(tx, 30, 1))).toBe(1)
    expect(await rowOf(oldest)).toBeUndefined()
    expect(await inTx((tx) => deleteOldResets(tx, 30, 10))).toBe(1)
    expect(await rowOf(young)).toBeDefined()
  })
})

it('ending the sessions of an account ends every active one, says why, and leaves others alone', async () => {
  const [account, other] = [await makeAccount(store.database), await makeAccount(store.database)]
  await makeSession(store.database, account.id)
  await makeSession(store.database, account.id)
  await makeSession(store.database, other.id)
  expect(await inTx((tx) => revokeSessions(tx, account.id, 'password_reset'))).toBe(2)
  expect(await inTx((tx) => revokeSessions(tx, account.id, 'again'))).toBe(0)
  const rows = await store.database.sql`
    select account_id = ${account.id} as mine, revoked_because as because from sessions
    where account_id in (${account.id}, ${other.id}) order by id`
  expect([...rows]).toEqual([
    { mine: true, because: 'password_reset' },
    { mine: true, because: 'password_reset' },
    { mine: false, because: null },
  ])
})
