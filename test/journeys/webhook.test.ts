import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { newId } from '@portcullis/runtime/id'
import { makeAccount } from '@portcullis/testkit/factory'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { call } from '../call.ts'
import { type House, openHouse, until } from '../house.ts'
import { openWebhookReceiver, type WebhookReceiver } from '../webhook-receiver.ts'

let house: House
let receiver: WebhookReceiver
let admin: string
let endpointId: string

beforeAll(async () => {
  receiver = await openWebhookReceiver()
  house = await openHouse({
    env: {
      WEBHOOK_ALLOW_PRIVATE: 'true',
      NODE_ENV: 'test',
      // What was under way when its worker was killed is taken up by another after this and twelve seconds.
      WEBHOOK_TIMEOUT_MS: '2000',
      SUPPORT_EMAIL: 'desk@portcullis.localhost',
    },
  })
  const account = await makeAccount(house.database)
  await house.database.sql`update accounts set role = 'admin' where id = ${account.id}`
  admin = await openSession(account.id, true)
  const made = await call(house, 'POST', '/v1/admin/webhooks', admin, {
    url: receiver.url,
    description: 'Journey',
    events: ['session.revoked', 'sessions.revoked', 'account.locked', 'lockdown.contained'],
  })
  if (made.status !== 201) throw new Error(`no endpoint was made: ${made.status}`)
  endpointId = made.body.id
  receiver.trust(made.body.secret)
})
afterAll(async () => {
  await house?.close()
  await receiver?.leave()
})
afterEach(() => receiver.answer((response) => void response.writeHead(204).end()))

async function openSession(accountId: string, secondFactor = false): Promise<string> {
  const { token, hash } = newSessionToken()
  await house.database.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, second_factor)
    select ${newId('session')}, id, ${hash}, security_epoch, now() + interval '30 days', ${secondFactor}
    from accounts where id = ${accountId}`
  return token
}

/** Makes that many accounts log out: one event each. Returns their ids as receivers know them. */
async function logOut(count: number): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n += 1) {
    const { id } = await makeAccount(house.database)
    expect((await call(house, 'DELETE', '/v1/account/session', await openSession(id))).status).toBe(204)
    ids.push(`acc_${id.replaceAll('-', '')}`)
  }
  return ids
}

/** Waits until an event of each account was taken; returns the ids of the deliveries that told of it, by account. */
async function takenOf(accounts: readonly string[], withinMs = 20_000): Promise<Map<string, Set<string>>> {
  return until(
    `events of ${accounts.length} accounts`,
    async () => {
      const ids = new Map<string, Set<string>>()
      for (const { id, data } of receiver.taken) {
        if (data.accountId === null || !accounts.includes(data.accountId)) continue
        ids.set(data.accountId, (ids.get(data.accountId) ?? new Set()).add(id))
      }
      return ids.size === accounts.length && ids
    },
    withinMs,
  )
}

async function allOver(): Promise<void> {
  const look = async () => {
    const [row] = await house.database.sql`select count(*)::int as open from webhook_deliveries where state = 'pending'`
    return row?.['open'] === 0
  }
  await until('every delivery is recorded', look, 60_000)
}

it('every event arrives, once, and a receiver built on the standard library verifies each', async () => {
  const accounts = await logOut(20)
  const ids = await takenOf(accounts)
  await allOver()
  expect([...ids.values()].map(({ size }) => size)).toEqual(Array(20).fill(1))
  expect(receiver.taken.filter(({ data }) => accounts.includes(String(data.accountId)))).toHaveLength(20)
  expect(receiver.refused).toEqual([])
  expect(house.logs()).not.toContain('whsec_')
})

it('a receiver that was away gets all that it missed when it is back, each under one id', async () => {
  await receiver.leave()
  const accounts = await logOut(10)
  await until('all were tried in vain', async () => {
    const [row] = await house.database.sql`
      select count(*)::int as tried from webhook_deliveries where state = 'pending' and last_error_code = 'connection_failed'`
    return row?.['tried'] === 10
  })
  await receiver.comeBack()
  const ids = await takenOf(accounts, 30_000)
  await allOver()
  expect([...ids.values()].map(({ size }) => size)).toEqual(Array(10).fill(1))
  expect(receiver.taken.filter(({ data }) => accounts.includes(String(data.accountId)))).toHaveLength(10)
  expect(receiver.refused).toEqual([])
}, 60_000)

it('a notifier that is killed between sending and recording sends again, under the same id', async () => {
  let killed = false
  receiver.answer((response) => {
    if (killed) return void response.writeHead(204).end()
    killed = true
    // It was taken, and nobody will ever hear the answer.
    house.service('notifier').kill('SIGKILL')
    response.destroy()
  })
  const accounts = await logOut(5)
  const ids = await takenOf(accounts, 60_000)
  await allOver()
  expect(killed).toBe(true)
  expect([...ids.values()].map(({ size }) => size)).toEqual(Array(5).fill(1))
  const taken = receiver.taken.filter(({ data }) => accounts.includes(String(data.accountId)))
  expect(taken.length).toBeGreaterThan(5)
  expect(new Set(taken.map(({ id }) => id)).size).toBe(5)
}, 90_000)

it('a rotated secret signs at once, and the former one for the overlap', async () => {
  const rotated = await call(house, 'POST', `/v1/admin/webhooks/${endpointId}/secret`, admin, {})
  expect(rotated.status).toBe(201)
  await takenOf(await logOut(1))
  receiver.trust(rotated.body.secret)
  await takenOf(await logOut(1))
  expect(receiver.refused).toEqual([])
})

it('a lockdown is told to the receiver and to support, and is contained when both are', async () => {
  const { id } = await makeAccount(house.database)
  const locked = await call(house, 'POST', '/v1/account/lockdowns', await openSession(id), {})
  expect(locked.status).toBe(202)
  const accountId = `acc_${id.replaceAll('-', '')}`
  await until('both events of the lockdown', async () => {
    const types = receiver.taken.filter(({ data }) => data.accountId === accountId).map(({ type }) => type)
    return types.includes('account.locked') && types.includes('lockdown.contained')
  })
  const [mail] = await house.mails('desk@portcullis.localhost')
  expect(mail?.subject).toContain('An account was locked down')
  expect(mail?.text).toContain(accountId)
  expect(mail?.text).toContain(`/v1/admin/lockdowns/${locked.body.id}/report`)
  expect(receiver.refused).toEqual([])
})
