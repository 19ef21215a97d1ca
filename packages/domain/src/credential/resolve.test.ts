import { newId } from '@portcullis/runtime/id'
import { createLogger } from '@portcullis/runtime/log'
import { openPlaces } from '@portcullis/runtime/place'
import { useDatabase } from '@portcullis/testkit/database'
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { newClientSecret, newSessionToken } from '../api-key/credential-token.ts'
import { newApiKey } from '../api-key/format.ts'
import { createApiClient } from '../api-client/create.ts'
import { sessionLimits } from '../session/limits.ts'
import { createCredentialResolver } from './resolve.ts'

const store = useDatabase()
const log = createLogger({ service: 'test', level: 'silent' })

const makeResolver = async () =>
  createCredentialResolver({ database: store.database, limits: sessionLimits, places: await openPlaces(), log })

/** Everything that can end a credential, each drawn apart from the others. Seconds count from now. */
interface Drawn {
  readonly kind: 'session' | 'api_key'
  readonly revoked: boolean
  readonly expiresIn: number | null
  readonly lastUsedAgo: number
  readonly inSlot: boolean
  readonly state: 'active' | 'locked' | 'disabled'
  /** Epoch of the credential, and of its account now. */
  readonly epoch: number
  readonly accountEpoch: number
  readonly globalEpoch: number
}

/** Mostly alive, so that each fence is often the only one. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom('session' as const, 'api_key' as const),
  revoked: mostly(false, true),
  expiresIn: mostly<number | null>(3600, null, 1_000_000, -3600, -60, 0),
  lastUsedAgo: mostly(60, 0, 3600, 14 * 86_400 - 300, 14 * 86_400 + 300, 40 * 86_400),
  inSlot: fc.boolean(),
  state: mostly<Drawn['state']>('active', 'locked', 'disabled'),
  epoch: mostly(3, 2, 4),
  accountEpoch: mostly(3, 4, 2),
  globalEpoch: mostly(5, 4, 6, 1),
})

/** The rules once more, said as plainly as can be: whatever says no wins. */
function isAlive(one: Drawn, houseEpoch: number): boolean {
  if (one.revoked) return false
  if (one.expiresIn !== null && one.expiresIn <= 0) return false
  if (one.state !== 'active') return false
  if (one.epoch !== one.accountEpoch) return false
  if (one.globalEpoch < houseEpoch) return false
  if (one.kind === 'session') return one.lastUsedAgo < 14 * 86_400
  return true
}

test('the strictest fence wins, for every credential and every combination of fences', async () => {
  const resolve = await makeResolver()
  await fc.assert(
    fc.asyncProperty(
      fc.array(drawn, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(undefined, 1, 5, 6),
      async (credentials, houseEpoch) => {
        await store.database.sql`delete from fences`
        if (houseEpoch !== undefined) await store.database.sql`insert into fences (id, epoch) values (1, ${houseEpoch})`
        const made = await Promise.all(credentials.map(make))
        const found = await Promise.all(made.map(({ token }) => resolve(token, null)))
        const expected = credentials.map((one, place) => (isAlive(one, houseEpoch ?? 1) ? made[place]?.id : undefined))
        expect(
          found.map((one) =>
            one?.kind === 'session' ? one.session.id : one?.kind === 'api_key' ? one.key.id : undefined,
          ),
        ).toEqual(expected)
      },
    ),
    { numRuns: 40 },
  )
  await store.database.sql`delete from fences`
}, 120_000)

test('the draw has every fence as the only one that says no', () => {
  const sample = fc.sample(drawn, { numRuns: 5000, seed: 1 })
  const usual: Partial<Drawn> = {
    revoked: false,
    expiresIn: 3600,
    lastUsedAgo: 60,
    state: 'active',
    epoch: 3,
    accountEpoch: 3,
    globalEpoch: 5,
  }
  const alone = (name: keyof Drawn) => (one: Drawn) => !isAlive(one, 5) && isAlive({ ...one, [name]: usual[name] }, 5)
  for (const name of [
    'revoked',
    'expiresIn',
    'lastUsedAgo',
    'state',
    'epoch',
    'accountEpoch',
    'globalEpoch',
  ] as const) {
    expect(sample.filter(alone(name)).length, name).toBeGreaterThan(5)
  }
  expect(sample.filter((one) => isAlive(one, 5)).length).toBeGreaterThan(500)
})

test('a client’s secret opens the client until it is revoked', async () => {
  const resolve = await makeResolver()
  const { id, secret } = await createApiClient(store.database, { name: 'Shop', scopes: ['introspect', 'revoke'] })
  expect(await resolve(secret, null)).toEqual({
    kind: 'client',
    client: { id, name: 'Shop', scopes: ['introspect', 'revoke'] },
  })
  await store.database.sql`update api_clients set revoked_at = now() where id = ${id}`
  expect(await resolve(secret, null)).toBeUndefined()
})

test('what this house never made is not asked about, though the store be away', async () => {
  const away = store.connect('away')
  await away.close()
  const resolve = createCredentialResolver({ database: away, limits: sessionLimits, places: await openPlaces(), log })
  for (const token of ['', 'x', 'pcs_', `pck_${'A'.repeat(36)}`, `pcc_${'A'.repeat(36)}`, 'prt_x']) {
    expect(await resolve(token, null)).toBeUndefined()
  }
  for (const { token } of [newSessionToken(), newClientSecret(), { token: newApiKey('live').key }]) {
    await expect(resolve(token, null)).rejects.toThrow(expect.objectContaining({ code: 'store_unavailable' }))
  }
})

test('a use of a key is noted once, though a hundred come at once, and nobody waits for a lock on its row', async () => {
  const resolve = await makeResolver()
  const { token, id } = await make({
    kind: 'api_key',
    revoked: false,
    expiresIn: null,
    lastUsedAgo: 3600,
    inSlot: true,
    state: 'active',
    epoch: 3,
    accountEpoch: 3,
    globalEpoch: 5,
  })
  const read = async () =>
    (
      await store.database
        .sql`select last_used_at as at, last_used_network as network, xmin::text from api_keys where id = ${id}`
    )[0]
  await store.database.sql.begin(async (holder) => {
    await holder`select id from api_keys where id = ${id} for update`
    expect(await resolve(token, '198.41.0.4')).toMatchObject({ kind: 'api_key' })
  })
  await Promise.all(Array.from({ length: 100 }, () => resolve(token, '198.41.0.4')))
  await vi.waitFor(async () => expect(await read()).toMatchObject({ network: '198.41.0.0/24' }))
  const noted = await read()
  await Promise.all(Array.from({ length: 100 }, () => resolve(token, '9.9.9.9')))
  expect(await read()).toEqual(noted)
})

/** Makes an account and a credential of it as drawn. */
async function make(one: Drawn): Promise<{ token: string; id: string }> {
  const accountId = newId('account')
  const { sql } = store.database
  await sql`
    insert into accounts (id, email, email_key, name, password_changed_at, state, security_epoch)
    values (${accountId}, ${accountId}, ${accountId}, 'Ada', now(), ${one.state}, ${one.accountEpoch})`
  const revokedAt = one.revoked ? 0 : null
  if (one.kind === 'session') {
    const id = newId('session')
    const { token, hash } = newSessionToken()
    await sql`
      insert into sessions (id, account_id, token_hash, epoch, global_epoch, expires_at, last_seen_at, revoked_at)
      values (${id}, ${accountId}, ${hash}, ${one.epoch}, ${one.globalEpoch},
        now() + ${one.expiresIn ?? 9_000_000} * interval '1 s', now() - ${one.lastUsedAgo} * interval '1 s',
        now() - ${revokedAt}::int * interval '1 s')`
    return { token, id }
  }
  const id = newId('apiKey')
  const { key, hash } = newApiKey('live')
  await sql`
    insert into api_keys (id, account_id, slot, name, prefix, last4, key_hash, scopes, epoch, global_epoch, expires_at,
      last_used_at, revoked_at)
    values (${id}, ${accountId}, ${one.inSlot ? 1 : null}, 'x', 'pck_', 'xxxx', ${hash}, '{account:read}', ${one.epoch},
      ${one.globalEpoch}, now() + ${one.expiresIn}::int * interval '1 s', now() - ${one.lastUsedAgo} * interval '1 s',
      now() - ${revokedAt}::int * interval '1 s')`
  return { token: key, id }
}
