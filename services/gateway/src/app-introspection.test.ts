import { clientScopes, type ClientScope } from '@portcullis/contracts/client-scope'
import { inTransaction } from '@portcullis/db/transaction'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { newApiKey } from '@portcullis/domain/api-key/format'
import { newClientSecret, newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { insertApiKey } from '@portcullis/db/queries/api-key'
import { formatId } from '@portcullis/contracts/ids'
import { newId } from '@portcullis/runtime/id'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { type MadeAccount, makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { readRefusal } from './testing/read-refusal.ts'

const store = useDatabase()
let gateway: OpenGateway
let secret = ''
beforeAll(async () => {
  gateway = await openGateway(store.database)
  secret = await makeClient('introspect', 'revoke')
})
afterAll(() => gateway.close())

const inactive = [200, { active: false }]

describe('introspection', () => {
  it('tells whose session it is, and until when', async () => {
    const account = await makeAccount(store.database)
    const { token, id } = await makeSession(account)
    const [row] = await store.database.sql<{ iat: number; exp: number }[]>`
      select floor(extract(epoch from created_at))::int as iat, floor(extract(epoch from expires_at))::int as exp
      from sessions where id = ${id}`
    expect(await introspect(token)).toEqual([
      200,
      {
        active: true,
        sub: formatId('account', account.id),
        scope: 'owner',
        ...row,
        jti: formatId('session', id),
        token_type: 'Bearer',
        credential: 'session',
        accountState: 'active',
      },
    ])
  })

  it('tells the scopes of an API key, and an end only where it has one', async () => {
    const account = await makeAccount(store.database)
    const { key, id } = await makeKey(account, ['sessions:read', 'product:servers.reboot'])
    const [status, told] = await introspect(key)
    expect([status, told]).toEqual([
      200,
      {
        active: true,
        sub: formatId('account', account.id),
        scope: 'sessions:read product:servers.reboot',
        iat: expect.any(Number),
        jti: formatId('apiKey', id),
        token_type: 'Bearer',
        credential: 'api_key',
        accountState: 'active',
      },
    ])
    await store.database.sql`update api_keys set expires_at = to_timestamp(4102444800.9) where id = ${id}`
    expect((await introspect(key))[1]).toMatchObject({ exp: 4_102_444_800 })
  })

  it('tells nothing at all of a token that is none, whatever it is', async () => {
    for (const token of [
      'x',
      'pck_',
      newSessionToken().token,
      newApiKey('live').key,
      newClientSecret().token,
      secret,
    ]) {
      expect(await introspect(token)).toEqual(inactive)
    }
  })

  it.each([
    ['revoked', (id: string) => store.database.sql`update sessions set revoked_at = now() where id = ${id}`],
    ['expired', (id: string) => store.database.sql`update sessions set expires_at = now() where id = ${id}`],
    [
      'idle for too long',
      (id: string) => store.database.sql`
      update sessions set last_seen_at = now() - interval '15 days' where id = ${id}`,
    ],
  ])('tells nothing of a session that is %s, from the next request on', async (_what, end) => {
    const { token, id } = await makeSession(await makeAccount(store.database))
    expect((await introspect(token))[1]).toMatchObject({ active: true })
    await end(id)
    expect(await introspect(token)).toEqual(inactive)
  })

  it.each([
    ['is locked', `state = 'locked'`],
    ['is disabled', `state = 'disabled'`],
    ['has raised its fence', 'security_epoch = security_epoch + 1'],
  ])('tells nothing of the tokens of an account that %s', async (_what, change) => {
    const account = await makeAccount(store.database)
    const [session, key] = [await makeSession(account), await makeKey(account, ['account:read'])]
    await store.database.sql.unsafe(`update accounts set ${change} where id = $1`, [account.id])
    expect([await introspect(session.token), await introspect(key.key)]).toEqual([inactive, inactive])
  })

  it('mixes up nothing, though two hundred are asked at once', async () => {
    const accounts = await Promise.all(Array.from({ length: 20 }, () => makeAccount(store.database)))
    const sessions = await Promise.all(accounts.map((account) => makeSession(account)))
    const keys = await Promise.all(accounts.map((account) => makeKey(account, ['account:read'])))
    const tokens = accounts.flatMap((account, place) => [
      [sessions[place]?.token ?? '', account.id] as const,
      [keys[place]?.key ?? '', account.id] as const,
      [newSessionToken().token, undefined] as const,
    ])
    const asked = Array.from({ length: 200 }, (_, place) => tokens[(place * 7) % tokens.length]!)
    const told = await Promise.all(asked.map(([token]) => introspect(token)))
    expect(told.map(([, { sub }]) => sub)).toEqual(asked.map(([, id]) => id && formatId('account', id)))
  })
})

describe('revocation', () => {
  it('ends a session from the answer on, and is audited as the client’s', async () => {
    const account = await makeAccount(store.database)
    const { token, id } = await makeSession(account)
    expect(await revoke(token)).toEqual([200, {}])
    expect(await introspect(token)).toEqual(inactive)
    const answer = await fetch(`${gateway.url}/v1/account/session`, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(401)
    expect(await listAudited(store.database, id)).toMatchObject([
      { action: 'session_revoked', actor: 'api_client', accountId: account.id, details: { because: 'client' } },
    ])
  })

  it('revokes an API key, and frees its slot', async () => {
    const account = await makeAccount(store.database)
    const keys = await Promise.all([1, 2, 3].map(() => makeKey(account, ['account:read'])))
    expect(await revoke(keys[0]?.key ?? '')).toEqual([200, {}])
    expect(await introspect(keys[0]?.key ?? '')).toEqual(inactive)
    expect((await introspect(keys[1]?.key ?? ''))[1]).toMatchObject({ active: true })
    await makeKey(account, ['account:read'])
    const [audited] = await listAudited(store.database, keys[0]?.id)
    expect(audited).toMatchObject({ action: 'api_key_revoked', actor: 'api_client', accountId: account.id })
  })

  it('answers alike and changes nothing for what is unknown, dead or no token of an account', async () => {
    const { token } = await makeSession(await makeAccount(store.database))
    await revoke(token)
    // The alarm of a revoked key that was asked about before comes behind its answer, perhaps only now.
    const facts = async () =>
      (await listAudited(store.database)).filter((event) => event.action !== 'authn_token_reuse')
    const before = await facts()
    for (const other of [token, 'x', newSessionToken().token, newApiKey('live').key, secret]) {
      expect(await revoke(other)).toEqual([200, {}])
    }
    expect(await facts()).toEqual(before)
    expect((await introspect('x'))[0]).toBe(200)
  })

  it('of one token by fifty at once is audited once', async () => {
    const { token, id } = await makeSession(await makeAccount(store.database))
    const all = await Promise.all(Array.from({ length: 50 }, () => revoke(token)))
    expect(new Set(all.map(([status]) => status))).toEqual(new Set([200]))
    expect(await listAudited(store.database, id)).toHaveLength(1)
  })
})

describe.each(['/v1/introspect', '/v1/revoke'])('%s', (path) => {
  it('is refused without a client’s secret', async () => {
    for (const authorization of [
      undefined,
      'Bearer',
      `Bearer ${newClientSecret().token}`,
      `Basic ${btoa(`x:${secret}`)}`,
    ]) {
      const problem = await readRefusal(
        await post(path, 'token=x', authorization === undefined ? {} : { authorization }),
      )
      expect(problem.code).toBe('credential_required')
    }
    const inBody = await readRefusal(await post(path, `token=x&client_secret=${secret}`, {}))
    expect(inBody.code).toBe('credential_required')
  })

  it('tells a caller who may not ask nothing of what was asked: a living token, a dead one and a broken body are refused alike', async () => {
    const { token } = await makeSession(await makeAccount(store.database))
    const refused = async (body: string, headers: Record<string, string>) => {
      const { requestId: _, ...problem } = await readRefusal(await post(path, body, headers))
      return problem
    }
    const nobody = { authorization: `Bearer ${newClientSecret().token}` }
    const stranger = bearer(await makeClient('rentals:write'))
    for (const headers of [nobody, stranger]) {
      const first = await refused(`token=${token}`, headers)
      for (const body of [`token=${newSessionToken().token}`, 'token=%zz', '', `token=${'x'.repeat(1_000_000)}`])
        expect(await refused(body, headers)).toEqual(first)
    }
    expect((await introspect(token))[1]).toMatchObject({ active: true })
  })

  it('is refused to an owner, by session or key, and to a client with every other scope', async () => {
    const account = await makeAccount(store.database)
    const own = path === '/v1/introspect' ? 'introspect' : 'revoke'
    const others = (Object.keys(clientScopes) as ClientScope[]).filter((scope) => scope !== own)
    const [first, ...rest] = others
    const { token } = await makeSession(account)
    const { key } = await makeKey(account, ['account:read'])
    for (const credential of [token, key, await makeClient(first ?? 'revoke', ...rest)]) {
      const problem = await readRefusal(await post(path, `token=${token}`, bearer(credential)))
      expect([problem.status, problem.code]).toEqual([403, 'scope_missing'])
    }
    expect((await introspect(token))[1]).toMatchObject({ active: true })
  })

  it('is refused to a client that was revoked, at the very next request', async () => {
    const client = await createApiClient(store.database, { name: 'Shop', scopes: ['introspect', 'revoke'] })
    expect((await post(path, 'token=x', bearer(client.secret))).status).toBe(200)
    await store.database.sql`update api_clients set revoked_at = now() where id = ${client.id}`
    expect((await post(path, 'token=x', bearer(client.secret))).status).toBe(401)
  })

  it.each([
    ['JSON', 'application/json', '{"token":"x"}', 415, 'unsupported_media_type'],
    ['no type', '', 'token=x', 415, 'unsupported_media_type'],
    ['text', 'text/plain', 'token=x', 415, 'unsupported_media_type'],
    ['another charset', 'application/x-www-form-urlencoded; charset=latin1', 'token=x', 415, 'unsupported_media_type'],
    ['a multipart form', 'multipart/form-data; boundary=x', 'token=x', 415, 'unsupported_media_type'],
    ['a broken escape', undefined, 'token=%zz', 400, 'malformed_request'],
    ['an escape that is not UTF-8', undefined, 'token=%ff', 400, 'malformed_request'],
    ['nothing', undefined, '', 422, 'validation_failed'],
    ['no token', undefined, 'tokens=x', 422, 'validation_failed'],
    ['an empty token', undefined, 'token=', 422, 'validation_failed'],
    ['two tokens', undefined, 'token=x&token=y', 422, 'validation_failed'],
    ['the secret in the body', undefined, 'token=x&client_secret=y', 422, 'validation_failed'],
    ['a prototype', undefined, 'token=x&__proto__=y', 422, 'validation_failed'],
    ['a token of 600 characters', undefined, `token=${'x'.repeat(600)}`, 422, 'validation_failed'],
    ['a body of a megabyte', undefined, `token=${'x'.repeat(1_000_000)}`, 413, 'body_too_large'],
  ])('refuses %s', async (_what, type, body, status, code) => {
    const headers = { ...bearer(secret), ...(type === undefined ? {} : { 'content-type': type }) }
    const problem = await readRefusal(await post(path, new Blob([body]), headers))
    expect([problem.status, problem.code]).toEqual([status, code])
  })

  it('takes a hint and does not need it', async () => {
    const { token } = await makeSession(await makeAccount(store.database))
    const answer = await post(path, new URLSearchParams({ token, token_type_hint: 'refresh_token' }), bearer(secret))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('is the only place where a form is taken', async () => {
    const answer = await fetch(`${gateway.url}/v1/sessions`, {
      method: 'POST',
      body: new URLSearchParams({ email: 'a@b.co' }),
    })
    expect(answer.status).toBe(415)
  })

  it('keeps tokens and secrets out of the log', async () => {
    const { token } = await makeSession(await makeAccount(store.database))
    await post(path, `token=${token}`, bearer(secret))
    const logged = gateway.logged.join('')
    expect([logged.includes(token), logged.includes(secret)]).toEqual([false, false])
  })
})

it('a client’s secret is stored only as a hash, and opens no call of an owner', async () => {
  const client = await createApiClient(store.database, { name: 'Shop', scopes: ['introspect'] })
  const rows = [await store.database.sql`select * from api_clients`, await listAudited(store.database, client.id)]
  expect(JSON.stringify(rows)).not.toContain(client.secret.slice(4))
  expect(rows[1]).toMatchObject([
    { action: 'api_client_created', actor: 'system', details: { scopes: ['introspect'] } },
  ])
  const refused = await fetch(`${gateway.url}/v1/account/sessions`, { headers: bearer(client.secret) })
  expect(await readRefusal(refused)).toMatchObject({ status: 403, code: 'scope_missing' })
})

type Told = readonly [number, Record<string, unknown>]

async function introspect(token: string): Promise<Told> {
  const answer = await post('/v1/introspect', new URLSearchParams({ token }), bearer(secret))
  return [answer.status, (await answer.json()) as Record<string, unknown>]
}

async function revoke(token: string): Promise<Told> {
  const answer = await post('/v1/revoke', new URLSearchParams({ token }), bearer(secret))
  return [answer.status, (await answer.json()) as Record<string, unknown>]
}

function post(path: string, body: string | URLSearchParams | Blob, headers: Record<string, string>): Promise<Response> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return fetch(gateway.url + path, { method: 'POST', body, headers: { ...type, ...headers } })
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

async function makeClient(...scopes: [ClientScope, ...ClientScope[]]): Promise<string> {
  return (await createApiClient(store.database, { name: 'Shop', scopes })).secret
}

async function makeSession({ id: accountId }: MadeAccount) {
  const { token, hash } = newSessionToken()
  const id = newId('session')
  await store.database.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at)
    values (${id}, ${accountId}, ${hash}, 1, now() + interval '30 days')`
  return { token, id }
}

async function makeKey({ id: accountId }: MadeAccount, scopes: readonly string[]) {
  const id = newId('apiKey')
  const { key, hash: keyHash, prefix, last4 } = newApiKey('live')
  await inTransaction(store.database, async (tx) => {
    await tx.sql`select id from accounts where id = ${accountId} for update`
    const made = await insertApiKey(tx, { id, accountId, name: 'x', prefix, last4, keyHash, scopes, expiresAt: null })
    if (!made) throw new Error('no slot is free')
  })
  return { id, key }
}
