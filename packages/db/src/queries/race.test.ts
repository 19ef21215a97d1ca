import { createHash, randomUUID } from 'node:crypto'
import { asId } from '@portcullis/contracts/ids'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { makeJob } from '@portcullis/testkit/ledger'
import { describe, expect, it } from 'vitest'
import { inTransaction, type Tx } from '../transaction.ts'
import { insertAccount, updatePassword } from './account.ts'
import { insertAuditEvents } from './audit-event.ts'
import { deleteOldIdempotencyKeys, type IdempotencyUse, takeIdempotencyKey } from './idempotency-key.ts'
import { updateMailDeliveries, upsertMailDeliveries } from './mail-delivery.ts'
import {
  deleteOldRegistrations,
  findRegistrationForUpdate,
  hasUsableRegistration,
  insertRegistration,
  updateRegistrationConfirmed,
  updateRegistrationDecided,
} from './registration.ts'

const store = useDatabase()
const inTx = <T>(work: (tx: Tx) => Promise<T>) => inTransaction(store.database, work)
const sha = (text: string) => createHash('sha256').update(text).digest()
const many = <T>(work: (place: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 20 }, (_, place) => work(place)))

const newAccount = (emailKey: string) => ({
  id: asId('account', randomUUID()),
  email: emailKey.toUpperCase(),
  emailKey,
  name: 'n',
  passwordHash: 'h',
})

describe('an account', () => {
  it('is made by exactly one of twenty who want the same address at once', async () => {
    const made = await many(() => inTx((tx) => insertAccount(tx, newAccount('raced@example.com'))))
    expect(made.filter(Boolean)).toHaveLength(1)
    const rows = await store.database.sql`select id from accounts where email_key = 'raced@example.com'`
    expect(rows).toHaveLength(1)
  })

  it('that was rolled back leaves the address free', async () => {
    const failing = inTx(async (tx) => {
      expect(await insertAccount(tx, newAccount('free@example.com'))).toBe(true)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await inTx((tx) => insertAccount(tx, newAccount('free@example.com')))).toBe(true)
  })

  it('with a new password stays under its fence: keys live on, and sessions are ended by name', async () => {
    const { id } = await makeAccount(store.database)
    await inTx((tx) => updatePassword(tx, id, 'hash'))
    const [row] = await store.database.sql`
      select security_epoch as epoch, password_hash as hash, password_changed_at > now() - interval '1 minute' as fresh
      from accounts where id = ${id}`
    expect(row).toEqual({ epoch: 1, hash: 'hash', fresh: true })
  })
})

describe('an idempotency key', () => {
  const use = (key: string, given: Partial<IdempotencyUse> = {}): IdempotencyUse => ({
    route: 'accounts.create',
    scope: 'anonymous',
    keyHash: sha(key),
    bodyHash: sha('body'),
    status: 202,
    answer: { status: 'accepted', nested: [1] },
    ...given,
  })

  it('is new to exactly one of twenty at once; the others get its answer', async () => {
    const found = await many(() => inTx((tx) => takeIdempotencyKey(tx, use('raced'))))
    expect(found.filter((one) => one === 'new')).toHaveLength(1)
    expect(found.filter((one) => one !== 'new')).toEqual(
      Array.from({ length: 19 }, () => ({ sameBody: true, status: 202, answer: { status: 'accepted', nested: [1] } })),
    )
  })

  it('is new to the one who waited, when the first rolled back', async () => {
    const taken = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    const first = inTx(async (tx) => {
      await takeIdempotencyKey(tx, use('rolled'))
      taken.resolve()
      await end.promise
      throw new Error('no')
    })
    await taken.promise
    const second = inTx((tx) => takeIdempotencyKey(tx, use('rolled')))
    end.resolve()
    await expect(first).rejects.toThrow('no')
    expect(await second).toBe('new')
  })

  it('tells another body under the same key, and keeps callers and calls apart', async () => {
    expect(await inTx((tx) => takeIdempotencyKey(tx, use('kept')))).toBe('new')
    const other = await inTx((tx) => takeIdempotencyKey(tx, use('kept', { bodyHash: sha('other') })))
    expect(other).toMatchObject({ sameBody: false, status: 202 })
    expect(await inTx((tx) => takeIdempotencyKey(tx, use('kept', { scope: 'account' })))).toBe('new')
    expect(await inTx((tx) => takeIdempotencyKey(tx, use('kept', { route: 'other' })))).toBe('new')
  })

  it('is forgotten after a day, and not before', async () => {
    await store.database.sql`delete from idempotency_keys`
    await inTx((tx) => takeIdempotencyKey(tx, use('old')))
    await store.database.sql`update idempotency_keys set created_at = now() - interval '25 hours'`
    await inTx((tx) => takeIdempotencyKey(tx, use('young')))
    expect(await inTx((tx) => deleteOldIdempotencyKeys(tx, 10))).toBe(1)
    expect(await inTx((tx) => takeIdempotencyKey(tx, use('young')))).toMatchObject({ sameBody: true })
    expect(await inTx((tx) => takeIdempotencyKey(tx, use('old')))).toBe('new')
  })
})

describe('a registration', () => {
  async function register(emailKey: string) {
    const id = asId('registration', randomUUID())
    const given = {
      id,
      email: emailKey,
      emailKey,
      name: 'n',
      passwordHash: 'h',
      salt: sha(id),
      ip: null,
      userAgent: null,
    }
    await inTx((tx) => insertRegistration(tx, given, 24))
    return id
  }

  it('is confirmed by exactly one of twenty who use its token at once', async () => {
    const id = await register('confirmed@example.com')
    await inTx((tx) => updateRegistrationDecided(tx, id, 'ready', sha('token')))
    expect(await hasUsableRegistration(store.database, sha('token'))).toBe(true)
    const confirmed = await many(() => inTx((tx) => updateRegistrationConfirmed(tx, sha('token'))))
    expect(confirmed.filter((one) => one !== undefined)).toEqual([
      expect.objectContaining({ id, email: 'confirmed@example.com' }),
    ])
    expect(await hasUsableRegistration(store.database, sha('token'))).toBe(false)
  })

  it('that expired confirms nothing, and leaves a day later', async () => {
    const id = await register('expired@example.com')
    await inTx((tx) => updateRegistrationDecided(tx, id, 'ready', sha('expired')))
    await store.database.sql`update registrations set expires_at = now() - interval '1 s' where id = ${id}`
    expect(await inTx((tx) => updateRegistrationConfirmed(tx, sha('expired')))).toBeUndefined()
    expect(await inTx((tx) => deleteOldRegistrations(tx, 10))).toBe(0)
    await store.database.sql`update registrations set expires_at = now() - interval '25 hours' where id = ${id}`
    expect(await inTx((tx) => deleteOldRegistrations(tx, 10))).toBe(1)
  })

  it('of one address are decided one after another, so that the limit holds', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => register('flooded@example.com')))
    await Promise.all(
      ids.map((id) =>
        inTx(async (tx) => {
          const read = await findRegistrationForUpdate(tx, id)
          const limited = (read?.readyLastHour ?? 0) >= 5
          await updateRegistrationDecided(tx, id, limited ? 'limited' : 'ready', limited ? null : sha(id))
        }),
      ),
    )
    const [row] = await store.database.sql`
      select count(*) filter (where state = 'ready')::int as ready from registrations where email_key = 'flooded@example.com'`
    expect(row).toEqual({ ready: 5 })
  })
})

describe('a mail', () => {
  it('is one row a job however often it is tried, with one Message-ID', async () => {
    const { id: jobId } = makeJob()
    const intend = (messageId: string) =>
      inTx((tx) => upsertMailDeliveries(tx, [{ id: randomUUID(), jobId, template: 't', messageId }]))
    await intend('<first@example.com>')
    await intend('<second@example.com>')
    await inTx((tx) => updateMailDeliveries(tx, [{ jobId, refusedStatus: null }]))
    const rows = await store.database.sql`
      select message_id as "messageId", attempts, refused_status as refused, sent_at is not null as sent from mail_deliveries`
    expect([...rows]).toEqual([{ messageId: '<first@example.com>', attempts: 2, refused: null, sent: true }])
  })
})

it('an audit event is recorded in the transaction that makes it true, and rolled back with it', async () => {
  const id = asId('auditEvent', randomUUID())
  const event = {
    id,
    action: 'mail_sent',
    accountId: null,
    actor: 'system',
    actorId: null,
    subjectKind: 'test',
    subjectId: id,
    requestId: null,
    details: { list: [1, { deep: 'x' }] },
  } as const
  const count = async () => (await store.database.sql`select id from audit_events where id = ${id}`).length
  const failing = inTx(async (tx) => {
    await insertAuditEvents(tx, [event])
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await count()).toBe(0)
  await inTx((tx) => insertAuditEvents(tx, [event]))
  const [row] = await store.database.sql`select details from audit_events where id = ${id}`
  expect(row).toEqual({ details: { list: [1, { deep: 'x' }] } })
})
