import type { Access } from '@portcullis/contracts/api/endpoint'
import { insertApiKey } from '@portcullis/db/queries/api-key'
import { inTransaction } from '@portcullis/db/transaction'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { newApiKey } from '@portcullis/domain/api-key/format'
import { createCredentialResolver } from '@portcullis/domain/credential/resolve'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { newId } from '@portcullis/runtime/id'
import { createLogger } from '@portcullis/runtime/log'
import { openPlaces } from '@portcullis/runtime/place'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readRefusal } from '../testing/read-refusal.ts'
import { trustProxies } from './client-ip.ts'
import { requireCredential } from './credential.ts'
import type { Env } from './env.ts'
import { frame } from './frame.ts'
import { listen } from './listen.ts'

type Role = 'member' | 'support' | 'admin'

const store = useDatabase()
const log = createLogger({ service: 'test', level: 'silent' })
const origin = 'https://account.acme.example'
const hosts = new Set<string>()
/** No call of the contract may be needed for this: the gateway's own frame, and calls for roles. */
const calls: Record<string, Access & { kind: 'session' }> = {
  '/support': { kind: 'session', proof: false, permission: 'accounts.search' },
  '/admin': { kind: 'session', proof: false, permission: 'webhooks.read' },
  '/admin/change': { kind: 'session', proof: true, permission: 'webhooks.manage' },
  '/admin/read': { kind: 'session', proof: false, permission: 'webhooks.read', apiKeyScope: 'sessions:read' },
  '/owner': { kind: 'session', proof: false },
}
let url = ''
let close = async (): Promise<void> => {}

beforeAll(async () => {
  const app = new Hono<Env>()
  frame(app, { hosts, clientIp: trustProxies([]), log, logRequests: false })
  const resolve = createCredentialResolver({
    database: store.database,
    limits: sessionLimits,
    places: await openPlaces(),
    log,
  })
  for (const [path, access] of Object.entries(calls)) {
    app.get(path, async (c) => {
      await requireCredential(c, access, resolve, origin)
      return c.body(null, 204)
    })
  }
  const server = await listen(app, { host: '127.0.0.1', port: 0 })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  hosts.add(`127.0.0.1:${address.port}`)
  url = `http://127.0.0.1:${address.port}`
  close = async () => {
    const closed = new Promise((resolved) => server.close(resolved))
    server.closeAllConnections()
    await closed
  }
})
afterAll(() => close())

const done = '204'
const notAllowed = '403 not_allowed'
const noFactor = '403 second_factor_required'

it.each<[Role, boolean, string, string]>([
  ['member', false, '/support', notAllowed],
  ['member', true, '/support', notAllowed],
  ['member', true, '/admin', notAllowed],
  ['support', true, '/admin', notAllowed],
  ['support', false, '/admin', notAllowed],
  ['support', false, '/support', noFactor],
  ['admin', false, '/support', noFactor],
  ['admin', false, '/admin', noFactor],
  ['admin', false, '/admin/change', noFactor],
  ['support', true, '/support', done],
  ['admin', true, '/support', done],
  ['admin', true, '/admin', done],
  ['admin', true, '/admin/change', done],
  ['admin', false, '/owner', done],
])('a session of %s, second factor %s, at %s', async (role, secondFactor, path, expected) => {
  expect(await ask(path, await makeSession(role, secondFactor))).toBe(expected)
})

it('a call for a role that changes something wants a fresh proof besides', async () => {
  const token = await makeSession('admin', true)
  await store.database.sql`update sessions set proved_at = now() - interval '11 minutes'`
  expect(await ask('/admin/change', token)).toBe('403 reauthentication_required')
  expect(await ask('/admin', token)).toBe(done)
})

it('a role that is taken away, or given, counts at the very next request', async () => {
  const token = await makeSession('admin', true)
  expect(await ask('/admin', token)).toBe(done)
  await store.database.sql`update accounts set role = 'support'`
  expect([await ask('/admin', token), await ask('/support', token)]).toEqual([notAllowed, done])
})

it('an API key of an admin is no admin, even where somebody gave the call a scope as well', async () => {
  const { id: accountId } = await makeAccount(store.database)
  await store.database.sql`update accounts set role = 'admin' where id = ${accountId}`
  const { key, hash: keyHash, prefix, last4 } = newApiKey('live')
  const row = { id: newId('apiKey'), accountId, name: 'x', prefix, last4, keyHash, scopes: ['sessions:read'] }
  await inTransaction(store.database, (tx) => insertApiKey(tx, { ...row, expiresAt: null }))
  expect([await ask('/admin/read', key), await ask('/admin', key)]).toEqual(['403 scope_missing', '403 scope_missing'])
})

async function ask(path: string, token: string): Promise<string> {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
  return answer.status === 204 ? done : `${answer.status} ${(await readRefusal(answer)).code}`
}

async function makeSession(role: Role, secondFactor: boolean): Promise<string> {
  const { id: accountId } = await makeAccount(store.database)
  await store.database.sql`update accounts set role = ${role} where id = ${accountId}`
  const { token, hash } = newSessionToken()
  await store.database.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, second_factor, proved_at)
    values (${newId('session')}, ${accountId}, ${hash}, 1, now() + interval '30 days', ${secondFactor}, now())`
  return token
}
