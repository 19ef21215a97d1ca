import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { newApiKey } from '@portcullis/domain/api-key/format'
import { readGithubKey } from '@portcullis/domain/leak/github-signature'
import { sha256 } from '@portcullis/runtime/digest'
import { newId } from '@portcullis/runtime/id'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listNoticeKinds } from './testing/list-notice-kinds.ts'
import { type MadeOwner, makeOwner, makeOwnSession } from './testing/make-owner.ts'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { send } from './testing/send.ts'

const store = useDatabase()
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
const keyId = createHash('sha256').update(pem).digest('hex')
let gateway: OpenGateway
let reporter: string
let owner: MadeOwner

beforeAll(async () => {
  gateway = await openGateway(store.database, {
    githubKeys: { find: async (id) => (id === keyId ? readGithubKey(pem) : undefined) },
  })
  reporter = (await createApiClient(store.database, { name: 'Scanner', scopes: ['leaks:write'] })).secret
})
afterAll(() => gateway.close())
beforeEach(async () => {
  owner = await makeOwner(store.database)
  await store.database.sql`delete from jobs`
})

async function makeKey(slot = 1) {
  const { key, prefix, last4, hash } = newApiKey('live')
  const id = newId('apiKey')
  await store.database.sql`
    insert into api_keys (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch)
    select ${id}, id, ${slot}, 'CI', ${prefix}, ${last4}, ${hash}, '{sessions:read}', security_epoch
    from accounts where id = ${owner.id}`
  return { id, key }
}

const report = (tokens: readonly string[], token = reporter, at = gateway) =>
  send(at, 'POST', '/v1/leaked-credentials', {
    token,
    body: { items: tokens.map((one) => ({ token: one, url: 'https://paste.example/1', source: 'paste' })) },
  })
const labels = (body: { items: { label: string }[] }) => body.items.map(({ label }) => label)
const opens = async (token: string) => (await send(gateway, 'GET', '/v1/account/sessions', { token })).status === 200
const actions = async (id: string) => (await listAudited(store.database, id)).map(({ action }) => action)

/** What is written anywhere in the store, as text. */
async function everythingWritten(): Promise<string> {
  const rows = await store.database.sql<{ text: string }[]>`
    select (select coalesce(string_agg(row::text, ' '), '') from audit_events as row)
      || (select coalesce(string_agg(row::text, ' '), '') from jobs as row)
      || (select coalesce(string_agg(row::text, ' '), '') from notices as row) as text`
  return rows.map(({ text }) => text).join('') + gateway.logged.join('\n')
}

describe('an API key that was found in public', () => {
  it('opens nothing from the answer on, and every other credential lives on', async () => {
    const [leaked, kept] = [await makeKey(1), await makeKey(2)]
    expect([await opens(leaked.key), await opens(kept.key)]).toEqual([true, true])
    const { status, body } = await report([leaked.key, 'pck_nothing', newApiKey('live').key])
    expect([status, labels(body)]).toEqual([200, ['true_positive', 'false_positive', 'false_positive']])
    expect(await actions(leaked.id)).toEqual(['api_key_leaked', 'api_key_revoked'])
    expect((await listAudited(store.database, leaked.id))[0]).toMatchObject({
      accountId: owner.id,
      actor: 'api_client',
      details: { because: 'leaked', by: 'client', source: 'paste' },
    })
    expect(await listNoticeKinds(store.database, owner)).toEqual(['api_key_leaked'])
    expect([await opens(leaked.key), await opens(kept.key), await opens(owner.token)]).toEqual([false, true, true])
    const written = await everythingWritten()
    expect(written).toContain(leaked.id)
    for (const secret of [leaked.key, leaked.key.slice(4, 34), 'paste.example']) expect(written).not.toContain(secret)
  })

  it('and is reported again, or many times at once, is revoked once and its owner told once', async () => {
    const { id, key } = await makeKey()
    const all = await Promise.all(Array.from({ length: 8 }, () => report([key, key])))
    expect(all.flatMap(({ body }) => labels(body))).toEqual(Array(16).fill('true_positive'))
    expect((await report([key])).body.items).toEqual([{ label: 'true_positive' }])
    expect(await actions(id)).toEqual(['api_key_leaked', 'api_key_revoked'])
    expect(await listNoticeKinds(store.database, owner)).toEqual(['api_key_leaked'])
  })
})

it('a session token that was found in public ends that session alone', async () => {
  const other = await makeOwnSession(store.database, owner.id)
  expect(labels((await report([other.token])).body)).toEqual(['true_positive'])
  expect([await opens(other.token), await opens(owner.token)]).toEqual([false, true])
  expect(await actions(other.sessionId)).toEqual(['session_revoked'])
  expect(await listNoticeKinds(store.database, owner)).toEqual(['sessions_revoked'])
})

describe('the secret of an API client that was found in public', () => {
  const alive = async (secret: string) =>
    (await send(gateway, 'POST', '/v1/leaked-credentials', { token: secret, body: {} })).status !== 401
  const alerts = async () => {
    const rows = await store.database.sql`select payload from jobs where message = 'tell.support'`
    return rows.map(({ payload }) => payload)
  }

  it('is reported to support once, and goes on opening', async () => {
    const { id, secret } = await createApiClient(store.database, { name: 'Shop', scopes: ['leaks:write'] })
    for (let n = 0; n < 3; n += 1) expect(labels((await report([secret])).body)).toEqual(['true_positive'])
    expect([await alive(secret), await alerts()]).toEqual([true, [{ apiClientId: id }]])
    expect((await actions(id)).filter((action) => action === 'api_client_leaked')).toHaveLength(1)
  })

  it('is revoked where this server is set so', async () => {
    const strict = await openGateway(store.database, { leakedClients: 'revoke' })
    const { id, secret } = await createApiClient(store.database, { name: 'Shop', scopes: ['leaks:write'] })
    await report([secret], reporter, strict)
    expect([await alive(secret), await alerts()]).toEqual([false, [{ apiClientId: id }]])
    await strict.close()
  })
})

describe('a report of leaks is refused', () => {
  it('from whoever may not report, and nothing is looked up', async () => {
    const { key } = await makeKey()
    const { secret } = await createApiClient(store.database, { name: 'Shop', scopes: ['introspect'] })
    expect((await report([key], secret)).body.code).toBe('scope_missing')
    expect((await report([key], owner.token)).status).toBe(403)
    expect(await opens(key)).toBe(true)
  })

  it.each([
    ['no item', { items: [] }, '/items'],
    ['101 items', { items: Array.from({ length: 101 }, () => ({ token: 'x' })) }, '/items'],
    ['an empty token', { items: [{ token: '' }] }, '/items/0/token'],
    ['another field', { items: [{ token: 'x', accountId: 'y' }] }, '/items/0/accountId'],
  ])('with %s', async (_, body, pointer) => {
    const refused = await send(gateway, 'POST', '/v1/leaked-credentials', { token: reporter, body })
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, pointer])
  })
})

describe('a report of GitHub', () => {
  const signed = (body: string, given: { readonly id?: string; readonly signature?: string } = {}) =>
    fetch(`${gateway.url}/v1/leaked-credentials/github`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'github-public-key-identifier': given.id ?? keyId,
        'github-public-key-signature':
          given.signature ?? sign('sha256', Buffer.from(body), privateKey).toString('base64'),
      },
      body,
    })
  const match = (token: string, source = 'commit') => ({
    token,
    type: 'portcullis_api_key',
    url: 'https://github.com/x',
    source,
    later: 'a field of tomorrow',
  })

  it('revokes what is known, and tells which matches were real, as GitHub asks', async () => {
    const [{ id, key }, made] = [await makeKey(), newApiKey('live').key]
    const answer = await signed(JSON.stringify([match(key), match(made)]))
    expect(answer.status).toBe(200)
    const feedback = (token: string, label: string) => ({
      token_hash: sha256(token).toString('hex'),
      token_type: 'portcullis_api_key',
      label,
    })
    expect(await answer.json()).toEqual([feedback(key, 'true_positive'), feedback(made, 'false_positive')])
    expect(await opens(key)).toBe(false)
    expect((await listAudited(store.database, id))[0]).toMatchObject({
      action: 'api_key_leaked',
      actor: 'anonymous',
      details: { by: 'github', source: 'commit' },
    })
    const written = await everythingWritten()
    for (const secret of [key, key.slice(4, 34)]) expect(written).not.toContain(secret)
  })

  it('of a thousand matches is answered in one go', async () => {
    const { key } = await makeKey()
    const matches = [...Array.from({ length: 999 }, () => match(newApiKey('live').key)), match(key)]
    const answer = await signed(JSON.stringify(matches))
    const read = (await answer.json()) as { label: string }[]
    expect(read.filter(({ label }) => label === 'true_positive')).toHaveLength(1)
    expect(await opens(key)).toBe(false)
  })

  it('that is not signed, or not by GitHub, is answered alike whatever is in it, and does nothing', async () => {
    const { key } = await makeKey()
    const body = JSON.stringify([match(key)])
    const good = sign('sha256', Buffer.from(body), privateKey).toString('base64')
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const refused = await Promise.all([
      signed(`${body} `, { signature: good }),
      signed(body.replace(',', ', '), { signature: good }),
      signed(body, { id: 'ff' }),
      signed(body, { id: '../keys' }),
      signed(body, { signature: sign('sha256', Buffer.from(body), foreign).toString('base64') }),
      signed(body, { signature: 'none' }),
      signed('not json', { signature: good }),
      gateway.post('/v1/leaked-credentials/github', [match(key)]),
    ])
    const answers = await Promise.all(
      refused.map(async (one) => {
        const { requestId: _id, instance: _instance, ...problem } = (await one.json()) as Record<string, unknown>
        return JSON.stringify([one.status, problem])
      }),
    )
    expect(new Set(answers).size).toBe(1)
    expect(refused[0]?.status).toBe(401)
    expect(await opens(key)).toBe(true)
  })

  it('that is signed and is no report is refused as any bad input', async () => {
    expect((await signed('{"token":"x"}')).status).toBe(422)
    expect((await signed('[{"type":"x"}]')).status).toBe(422)
    expect((await signed('[')).status).toBe(400)
  })
})
