import { type Access, type Endpoint, hasBareRefusals } from '@portcullis/contracts/api/endpoint'
import { endpoints } from '@portcullis/contracts/api/index'
import { clientScopes, type ClientScope } from '@portcullis/contracts/client-scope'
import { asId, formatId } from '@portcullis/contracts/ids'
import { buildOpenApi } from '@portcullis/contracts/openapi'
import { rolesWith } from '@portcullis/contracts/permission'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { builtInScopes } from '@portcullis/domain/api-key/scope'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { newId, newUuid } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import { useDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeOwner, type MadeOwner } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { type Called, send, type Sending } from './testing/send.ts'
import { newSshKeyLine } from './testing/ssh-key-line.ts'
import { countRows } from './testing/store-count.ts'

/** Walks the table of calls, so that one that is added is held to these rules, or fails here until it is. */
const calls: readonly Endpoint[] = Object.values(endpoints)
const allScopes = Object.keys(clientScopes) as ClientScope[]
const document = buildOpenApi({ title: 'Acme', serverUrl: 'https://account.acme.example' })

const store = useDatabase()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())

describe('a call that needs a credential', () => {
  it.each(calls.filter(({ access }) => access))('$name is opened by no other than its own', async (endpoint) => {
    const made = await makeCredentials(endpoint)
    const before = await snapshot()
    for (const [who, sending] of Object.entries(made)) {
      const answer = await ask(endpoint, sending)
      expect([who, answer.status, answer.body?.code]).toEqual([who, ...expected(endpoint, who as Who)])
    }
    expect(await snapshot()).toEqual(before)
  })
})

describe('a thing of somebody else', () => {
  // Calls of a role name things of anybody: that is what the role is for.
  const named = calls.filter(
    ({ path, access }) =>
      path.includes('{id}') && ((access?.kind === 'session' && !access.permission) || access?.kind === 'watcher'),
  )

  it('is named by some calls', () => {
    expect(named.length).toBeGreaterThan(4)
  })

  it.each(named)('is to $name what was never there, and stays as it is', async (endpoint) => {
    const [owner, stranger] = [await makeOwner(store.database), await makeOwner(store.database)]
    const theirs = await makeThing(endpoint, owner)
    const unknown = theirs.replace(/_.*/, `_${newUuid().replaceAll('-', '')}`)
    const before = await snapshot()
    const logged = gateway.logged.length
    const told: unknown[] = []
    for (const id of [theirs, unknown, 'nonsense', `${theirs}0`, owner.id]) {
      const answer = await ask(endpoint, { token: stranger.token }, id)
      told.push([answer.status, { ...answer.body, requestId: '' }])
      // What is read as a stream has empty refusals.
      expect([answer.status, answer.body?.code]).toEqual([404, hasBareRefusals(endpoint) ? undefined : 'not_found'])
    }
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(await snapshot()).toEqual(before)
    expect(gateway.logged.slice(logged).filter((line) => line.includes('"status":404'))).toHaveLength(told.length)
    // And it was the stranger, not the call: its owner is let in. A stream would not end.
    if (endpoint.path.endsWith('/events')) return
    expect((await ask(endpoint, { token: owner.token }, theirs)).status).toBeLessThan(300)
  })

  it('is to a rented server what was never there: it has its own keys alone', async () => {
    const [one, other] = [await makeRental(), await makeRental()]
    for (const { name, path } of calls.filter(({ access, params }) => access?.kind === 'rental' && params)) {
      const at = (id: string) => `${path.replace('{id}', id)}?user=root`
      const theirs = await send(gateway, 'GET', at(other.id), { token: one.token })
      const unknown = await send(gateway, 'GET', at('srv-never'), { token: one.token })
      expect([name, theirs.status, theirs.body]).toEqual([name, unknown.status, unknown.body])
      expect(theirs.status).toBeGreaterThanOrEqual(400)
      expect((await send(gateway, 'GET', at(one.id), { token: one.token })).status).toBe(200)
    }
  })
})

describe('what a page of another site lets a browser send', () => {
  const changing = calls.filter(
    ({ method, access, refusals }) =>
      method !== 'GET' && (access?.kind === 'session' || refusals.includes('cross_site_refused')),
  )
  const foreign = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', origin: 'https://account.acme.example' },
    { origin: 'https://evil.example' },
    { origin: 'https://account.acme.example.evil.example' },
    { origin: 'null' },
  ]

  it('could be as much as this', () => {
    expect(changing.map(({ name }) => name)).toEqual(expect.arrayContaining(['createSession', 'completeSecondFactor']))
    expect(changing.length).toBeGreaterThan(12)
  })

  it.each(changing)('is refused by $name and changes nothing', async (endpoint) => {
    const owner = await makeOwner(store.database)
    const cookie = `__Host-portcullis=${owner.token}`
    const before = await snapshot()
    for (const headers of foreign) {
      const answer = await ask(endpoint, { headers: { cookie, ...headers } })
      expect([headers, answer.status, answer.body.code]).toEqual([headers, 403, 'cross_site_refused'])
    }
    expect(await snapshot()).toEqual(before)
  })

  it.each(changing.filter(({ body }) => body))(
    'as a form or as text is not even read by $name, though the page be ours',
    async (endpoint) => {
      const owner = await makeOwner(store.database)
      const { access } = endpoint
      if (access?.kind === 'session' && access.permission) await promote(owner, rolesWith(access.permission))
      const before = await snapshot()
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
        const headers = { cookie: `__Host-portcullis=${owner.token}`, 'sec-fetch-site': 'same-origin' }
        const answer = await ask(endpoint, { headers: { ...headers, 'content-type': type } })
        expect([type, answer.status, answer.body.code]).toEqual([type, 415, 'unsupported_media_type'])
      }
      expect(await snapshot()).toEqual(before)
    },
  )
})

type Who =
  | 'nobody'
  | 'garbage'
  | 'ended session'
  | 'stale session'
  | 'session'
  | 'session of a member'
  | 'session without its second factor'
  | 'key with every other scope'
  | 'client with every other scope'
  | 'client with every scope'
  | 'rental'
  | 'key as cookie'

/** One of each kind that must not open the call, or, where it must, is left out: what it does is tested elsewhere. */
async function makeCredentials({ access }: Endpoint): Promise<Partial<Record<Who, Sending>>> {
  const owner = await makeOwner(store.database)
  const [stale, bare] = [await makeOwner(store.database), await makeOwner(store.database)]
  const permission = access?.kind === 'session' ? access.permission : undefined
  const roles = permission && rolesWith(permission)
  if (roles) await Promise.all([promote(stale, roles), promote(bare, roles)])
  await store.database.sql`update sessions set proved_at = now() - interval '601 seconds' where id = ${stale.sessionId}`
  await store.database.sql`update sessions set second_factor = false where id = ${bare.sessionId}`
  const keyScope = access?.kind === 'session' ? access.apiKeyScope : undefined
  const key = await makeKey(owner, ['product:any', ...Object.keys(builtInScopes).filter((one) => one !== keyScope)])
  const clientScope = access?.kind === 'client' ? access.scope : undefined
  const others = await makeClient(allScopes.filter((one) => one !== clientScope))
  const made: Partial<Record<Who, Sending>> = {
    nobody: {},
    garbage: { token: 'x'.repeat(43) },
    'ended session': { token: newSessionToken().token },
    'key with every other scope': { token: key },
    'client with every other scope': { token: others },
    'key as cookie': { headers: { cookie: `__Host-portcullis=${key}` } },
  }
  if (access?.kind !== 'session') made.session = { token: owner.token }
  if (access?.kind === 'session' && access.proof) made['stale session'] = { token: stale.token }
  if (roles) made['session of a member'] = { token: owner.token }
  if (roles) made['session without its second factor'] = { token: bare.token }
  if (access?.kind !== 'client') made['client with every scope'] = { token: await makeClient(allScopes) }
  if (access?.kind !== 'rental') made.rental = { token: (await makeRental()).token }
  return made
}

/** Status and code: 401 for what opens nothing here, 403 for what is alive and not for this call. */
function expected(endpoint: Endpoint, who: Who): [number, string | undefined] {
  const [status, code] = refusalFor(endpoint.access, who)
  return [status, hasBareRefusals(endpoint) ? undefined : code]
}

function refusalFor(access: Access | undefined, who: Who): [number, string] {
  const none: [number, string] = [401, 'credential_required']
  switch (access?.kind) {
    case 'session':
      if (who === 'stale session') return [403, 'reauthentication_required']
      if (who === 'session of a member') return [403, 'not_allowed']
      if (who === 'session without its second factor') return [403, 'second_factor_required']
      return isAlive(who) ? [403, 'scope_missing'] : none
    case 'client':
      return isAlive(who) ? [403, 'scope_missing'] : none
    case 'rental':
      return none
    case 'watcher':
      if (who === 'session' || who.startsWith('client')) return [404, 'not_found']
      return isAlive(who) ? [403, 'scope_missing'] : none
    case undefined:
      throw new Error('anybody may make this call')
  }
}

function isAlive(who: Who): boolean {
  return who === 'session' || who.startsWith('key with') || who.startsWith('client')
}

/** Gives an account the role, and its session the second factor that the role needs. */
async function promote(owner: MadeOwner, [role]: readonly string[]): Promise<void> {
  await store.database.sql`update accounts set role = ${role ?? ''} where id = ${owner.id}`
  await store.database.sql`update sessions set second_factor = true where id = ${owner.sessionId}`
}

/** Makes the call with the body and the id that its documentation gives as examples. */
function ask(endpoint: Endpoint, sending: Sending, id?: string): Promise<Called> {
  const { method, path, bodyType } = endpoint
  const operation = document.paths[path]?.[method.toLowerCase()]
  const example = Object.values(operation?.requestBody?.content ?? {})[0]?.example
  const ids = operation?.parameters.flatMap((one) => ('in' in one && one.in === 'path' ? one.schema.examples : []))
  const wanted = path.includes('authorized-keys') ? '?user=root' : ''
  const headers = {
    ...(bodyType === 'form' && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...sending.headers,
  }
  const body = endpoint.body ? { body: example } : {}
  const target = path.replace(/\{\w+\}/, id ?? String(ids?.[0])).replaceAll(/\{\w+\}/g, String(ids?.[1]))
  return send(gateway, method, target + wanted, { ...sending, ...body, headers })
}

/** Something that the call can name, of an owner. A kind that is not known here must be added with its call. */
async function makeThing({ path }: Endpoint, owner: MadeOwner): Promise<string> {
  const collection = /^\/v1\/(?:account\/)?([\w-]+)\/\{id\}/.exec(path)?.[1]
  switch (collection) {
    case 'sessions':
      return formatId('session', owner.sessionId)
    case 'api-keys': {
      const body = { name: 'Nightly', scopes: ['account:read'] }
      return String((await send(gateway, 'POST', '/v1/account/api-keys', { token: owner.token, body })).body.id)
    }
    case 'ssh-keys': {
      const body = { name: 'Laptop', publicKey: newSshKeyLine() }
      return String((await send(gateway, 'POST', '/v1/account/ssh-keys', { token: owner.token, body })).body.id)
    }
    case 'email-changes':
      return formatId('emailChange', asId('emailChange', await makeEmailChange(owner)))
    case 'lockdowns':
      return formatId('lockdown', asId('lockdown', await makeLockdown(owner)))
    case 'exports':
      return formatId('operation', asId('operation', await makeExport(owner)))
    case 'operations':
      return formatId('operation', asId('operation', await makeLockdown(owner)))
    default:
      throw new Error(`make one of ${collection ?? path} here, so that it is tested with somebody else's id`)
  }
}

/** One that can be fetched. */
async function makeExport(owner: MadeOwner): Promise<string> {
  const id = newId('operation')
  const { sql } = store.database
  await sql`
    insert into operations (id, kind, account_id, actor, status, ended_at)
    values (${id}, 'account_export', ${owner.id}, 'account', 'done', now())`
  await sql`
    insert into account_exports (id, account_id, ready_at, expires_at)
    values (${id}, ${owner.id}, now(), now() + interval '1 hour')`
  return id
}

/** One that waits to be confirmed. */
async function makeEmailChange(owner: MadeOwner): Promise<string> {
  const [id, salt] = [newId('emailChange'), randomBytesOf(16)]
  await store.database.sql`
    insert into email_changes (id, account_id, old_email, old_email_key, new_email, new_email_key, confirm_salt, revert_salt,
      epoch, expires_at)
    values (${id}, ${owner.id}, ${owner.email}, ${owner.emailKey}, 'new@example.com', 'new@example.com', ${salt}, ${salt}, 1,
      now() + interval '1 hour')`
  return id
}

/** One that is long over: its owner has sessions again. */
async function makeLockdown(owner: MadeOwner): Promise<string> {
  const id = newId('lockdown')
  const { sql } = store.database
  await sql`
    insert into operations (id, kind, account_id, actor, status, ended_at)
    values (${id}, 'lockdown', ${owner.id}, 'account', 'done', now())`
  await sql`
    insert into lockdowns (id, account_id, trigger, compromised_since, epoch, state, recovery, snapshot, txn,
      recovery_salt, contained_at, recovered_at)
    values (${id}, ${owner.id}, 'owner', now(), 1, 'recovered', 'done', '{}', ${newUuid()}, ${randomBytesOf(16)},
      now(), now())`
  return id
}

async function makeKey(owner: MadeOwner, scopes: readonly string[]): Promise<string> {
  const body = { name: 'Nightly', scopes }
  return String((await send(gateway, 'POST', '/v1/account/api-keys', { token: owner.token, body })).body.key)
}

async function makeClient(scopes: readonly ClientScope[]): Promise<string> {
  const [first, ...rest] = scopes
  if (first === undefined) throw new Error('a client has a scope')
  return (await createApiClient(store.database, { name: 'Shop', scopes: [first, ...rest] })).secret
}

async function makeRental(): Promise<{ id: string; token: string }> {
  const [id, owner] = [`srv-${newUuid()}`, await makeOwner(store.database)]
  const body = { accountId: formatId('account', owner.id), host: 'srv.example.com' }
  const made = await send(gateway, 'PUT', `/v1/rentals/${id}`, { token: await makeClient(['rentals:write']), body })
  return { id, token: made.body.rentalToken }
}

/** All that a refused call must leave alone: rows come, rows go, credentials and their owners. */
async function snapshot(): Promise<unknown> {
  const { sql } = store.database
  const sessions = await sql`select id, revoked_at, token_hash from sessions order by id`
  const keys = await sql`select id, name, revoked_at, rotated_to, slot from api_keys order by id`
  const sshKeys = await sql`select id, name, revoked_at from ssh_keys order by id`
  const accounts = await sql`select id, name, password_hash, security_epoch from accounts order by id`
  const { api_keys: _noted, ...counts } = await countRows(store.database)
  return { counts, sessions: [...sessions], keys: [...keys], sshKeys: [...sshKeys], accounts: [...accounts] }
}
