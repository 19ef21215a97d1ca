import { insertApiKey } from '@portcullis/db/queries/api-key'
import { inTransaction } from '@portcullis/db/transaction'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { newApiKey } from '@portcullis/domain/api-key/format'
import { newId } from '@portcullis/runtime/id'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { type MadeAccount, makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'

const store = useDatabase()
let gateway: OpenGateway
let secret = ''
beforeAll(async () => {
  gateway = await openGateway(store.database)
  secret = (await createApiClient(store.database, { name: 'Shop', scopes: ['revoke'] })).secret
})
afterAll(() => gateway.close())

describe('an API key that a client of the product revokes', () => {
  it('is told to its owner once, without the network of the client', async () => {
    const account = await makeAccount(store.database)
    const { key } = await makeKey(account)
    await Promise.all(Array.from({ length: 10 }, () => revoke(key)))
    expect(await noticesOf(account)).toEqual([{ kind: 'api_key_revoked', ip: null, jobs: 1 }])
  })

  it('is told to nobody when it was dead already', async () => {
    const account = await makeAccount(store.database)
    const { key, id } = await makeKey(account)
    await store.database.sql`update api_keys set revoked_at = now(), revoked_because = 'owner' where id = ${id}`
    await revoke(key)
    expect(await noticesOf(account)).toEqual([])
  })
})

describe('a revoked API key that is used', () => {
  it('is an alarm once an hour: an audit event, a warning, a notice, however often it comes', async () => {
    const account = await makeAccount(store.database)
    const { key, id } = await makeKey(account, 'owner')
    await Promise.all(Array.from({ length: 20 }, () => use(key)))
    await alarms(id, 1)
    // 11 minutes on: its use is noted again, and is no new alarm.
    await store.database.sql`update api_keys set last_used_at = now() - interval '11 minutes',
      revoked_at = now() - interval '12 minutes' where id = ${id}`
    expect(await use(key)).toBe(401)
    await vi.waitFor(async () => {
      const [row] = await store.database.sql`select last_used_at > now() - interval '1 minute' as noted from api_keys
        where id = ${id}`
      expect(row?.['noted']).toBe(true)
    })
    await alarms(id, 1)
    expect(await noticesOf(account)).toEqual([{ kind: 'api_key_reused', ip: '127.0.0.1', jobs: 1 }])
    expect(warnings(id)).toBe(1)
  })

  it('is an alarm again after an hour', async () => {
    const account = await makeAccount(store.database)
    const { key, id } = await makeKey(account, 'owner')
    await use(key)
    await alarms(id, 1)
    await store.database.sql`update api_keys set last_used_at = null where id = ${id}`
    await store.database
      .sql`update audit_events set occurred_at = now() - interval '61 minutes' where subject_id = ${id}`
    await use(key)
    await alarms(id, 2)
    expect(await noticesOf(account)).toHaveLength(2)
  })

  it.each(['expired', 'evicted'])('is audited and no news to its owner where it only %s', async (because) => {
    const account = await makeAccount(store.database)
    const { key, id } = await makeKey(account, because)
    await use(key)
    await alarms(id, 1)
    expect(await noticesOf(account)).toEqual([])
  })
})

async function alarms(keyId: string, count: number): Promise<void> {
  await vi.waitFor(async () => {
    const audited = await listAudited(store.database, keyId)
    expect(audited.map((one) => one.action)).toEqual(Array.from({ length: count }, () => 'authn_token_reuse'))
  })
}

function warnings(keyId: string): number {
  return gateway.logged.filter((line) => line.includes('a revoked API key was used') && line.includes(keyId)).length
}

/** The owner's notices, each with the number of its jobs. */
async function noticesOf({ id }: MadeAccount) {
  const rows = await store.database.sql`
    select kind, host(ip) as ip,
      (select count(*)::int from jobs where message = 'send.notice' and payload ->> 'noticeId' = notices.id::text) as jobs
    from notices where account_id = ${id} order by id`
  return [...rows]
}

async function use(key: string): Promise<number> {
  const answer = await fetch(`${gateway.url}/v1/account/sessions`, { headers: { authorization: `Bearer ${key}` } })
  await answer.body?.cancel()
  return answer.status
}

async function revoke(token: string): Promise<void> {
  const answer = await fetch(`${gateway.url}/v1/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ token }),
    headers: { authorization: `Bearer ${secret}` },
  })
  expect(answer.status).toBe(200)
}

async function makeKey({ id: accountId }: MadeAccount, revokedBecause?: string) {
  const id = newId('apiKey')
  const { key, hash: keyHash, prefix, last4 } = newApiKey('live')
  const scopes = ['sessions:read']
  await inTransaction(store.database, async (tx) => {
    await tx.sql`select id from accounts where id = ${accountId} for update`
    await insertApiKey(tx, { id, accountId, name: 'x', prefix, last4, keyHash, scopes, expiresAt: null })
    if (revokedBecause === undefined) return
    await tx.sql`update api_keys set revoked_at = now(), revoked_because = ${revokedBecause} where id = ${id}`
  })
  return { key, id }
}
