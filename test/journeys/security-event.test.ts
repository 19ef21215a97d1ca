import { formatId, type Id } from '@portcullis/contracts/ids'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { newApiKey } from '@portcullis/domain/api-key/format'
import { newId } from '@portcullis/runtime/id'
import { makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type House, openHouse, until } from '../house.ts'
import { openSecurityEventReceiver, type SecurityEventReceiver, type TakenToken } from '../security-event-receiver.ts'

const audience = 'https://product.acme.example'
const caep = 'https://schemas.openid.net/secevent/caep/event-type/'
const risc = 'https://schemas.openid.net/secevent/risc/event-type/'
let house: House
let receiver: SecurityEventReceiver
let product: string

beforeAll(async () => {
  receiver = await openSecurityEventReceiver(audience)
  house = await openHouse({ env: { WEBHOOK_ALLOW_PRIVATE: 'true', NODE_ENV: 'test' } })
  receiver.trust(house.gateway)
  product = (await createApiClient(house.database, { name: 'Product', scopes: ['signals:write', 'leaks:write'] }))
    .secret
  const account = await makeAccount(house.database)
  await house.database.sql`update accounts set role = 'admin' where id = ${account.id}`
  const admin = await openSession(account.id)
  const made = await house.post(
    '/v1/admin/webhooks',
    { format: 'security_event', url: receiver.url, description: 'Product', events: ['*'], audience },
    { authorization: `Bearer ${admin}` },
  )
  if (made.status !== 201) throw new Error(`the receiver was not made: ${await made.text()}`)
})
afterAll(async () => {
  await house?.close()
  await receiver?.close()
})

async function openSession(accountId: Id<'account'>): Promise<string> {
  const { token, hash } = newSessionToken()
  await house.database.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, second_factor)
    select ${newId('session')}, id, ${hash}, security_epoch, now() + interval '30 days', true
    from accounts where id = ${accountId}`
  return token
}

async function openKey(accountId: Id<'account'>): Promise<string> {
  const { key, prefix, last4, hash } = newApiKey('live')
  await house.database.sql`
    insert into api_keys (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch)
    select ${newId('apiKey')}, id, 1, 'CI', ${prefix}, ${last4}, ${hash}, '{sessions:read}', security_epoch
    from accounts where id = ${accountId}`
  return key
}

const typesOf = (tokens: readonly TakenToken[]) => tokens.flatMap(({ events }) => Object.keys(events))

/** Tokens about an account. */
function about(accountId: Id<'account'>): TakenToken[] {
  const id = formatId('account', accountId)
  return receiver.taken.filter((token) => JSON.stringify(token.sub_id).includes(id))
}

async function told(accountId: Id<'account'>, types: readonly string[]): Promise<TakenToken[]> {
  return until(types.join(', '), async () => {
    const tokens = about(accountId)
    return types.every((type) => typesOf(tokens).includes(type)) && tokens
  })
}

const report = (path: string, body: unknown) => house.post(path, body, { authorization: `Bearer ${product}` })

it('a new receiver is sent a verification event, signed by a key that the gateway publishes', async () => {
  const type = 'https://schemas.openid.net/secevent/ssf/event-type/verification'
  const [token] = await until('the verification', async () => {
    const found = receiver.taken.filter(({ events }) => type in events)
    return found.length > 0 && found
  })
  expect(token?.sub_id).toMatchObject({ format: 'opaque', id: expect.stringMatching(/^whk_/) })
  expect(receiver.refused).toEqual([])
})

it('a risk that nobody answers locks the account, and every event of the lockdown carries one txn', async () => {
  const { id } = await makeAccount(house.database, { passwordHash: '$argon2id$of-nobody' })
  await openSession(id)
  await openKey(id)
  const signal = { accountId: formatId('account', id), kind: 'transaction', level: 'high', reason: 'drained' }
  const answers = []
  for (const reference of ['pay-1', 'pay-2']) {
    const answer = await report('/v1/signals', { ...signal, reference })
    answers.push(((await answer.json()) as { taken: string }).taken)
  }
  expect(answers).toEqual(['step_up', 'lockdown'])
  const tokens = await told(id, [
    `${caep}risk-level-change`,
    `${risc}account-disabled`,
    `${caep}session-revoked`,
    `${caep}credential-change`,
    `${risc}account-credential-change-required`,
  ])
  const [lockdown] = await house.database.sql`select txn from lockdowns where account_id = ${id}`
  const caused = tokens.filter(({ events }) => !(`${caep}risk-level-change` in events))
  expect(caused.length).toBeGreaterThanOrEqual(4)
  expect(new Set(caused.map(({ txn }) => txn))).toEqual(new Set([lockdown?.['txn']]))
  expect(new Set(receiver.taken.map(({ jti }) => jti)).size).toBe(receiver.taken.length)
  for (const { events } of receiver.taken) expect(Object.keys(events)).toHaveLength(1)
  expect(receiver.refused).toEqual([])
}, 60_000)

it('a key that was found in public is refused from the answer on, and the product is told', async () => {
  const { id } = await makeAccount(house.database)
  const key = await openKey(id)
  const use = () => fetch(`${house.gateway}/v1/account/sessions`, { headers: { authorization: `Bearer ${key}` } })
  expect((await use()).status).toBe(200)
  const answer = await report('/v1/leaked-credentials', { items: [{ token: key }] })
  expect(await answer.json()).toEqual({ items: [{ label: 'true_positive' }] })
  expect((await use()).status).toBe(401)
  const tokens = await told(id, [`${risc}credential-compromise`])
  const compromise = tokens.find(({ events }) => `${risc}credential-compromise` in events)
  expect(compromise?.events[`${risc}credential-compromise`]).toMatchObject({ credential_type: 'api-key' })
  expect(house.logs() + JSON.stringify(receiver.taken)).not.toContain(key)
}, 60_000)
