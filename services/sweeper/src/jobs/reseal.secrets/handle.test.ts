import type { Id } from '@portcullis/contracts/ids'
import { createFactorSealer, openSecret, sealSecret } from '@portcullis/domain/two-factor/secret'
import {
  createWebhookSealer,
  openWebhookSecret,
  sealWebhookSecret,
  type SecretColumn,
} from '@portcullis/domain/webhook/secret'
import type { HandlersFor } from '@portcullis/queue/handler'
import { createLogger } from '@portcullis/runtime/log'
import { deriveKey, parseMasterKey } from '@portcullis/runtime/master-key'
import { newId } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import { createSealer, type Sealer } from '@portcullis/runtime/seal'
import { useDatabase } from '@portcullis/testkit/database'
import { listAudited } from '@portcullis/testkit/expect'
import { makeAccount } from '@portcullis/testkit/factory'
import { enqueue } from '@portcullis/testkit/ledger'
import { perform } from '@portcullis/testkit/perform'
import { beforeEach, describe, expect, it } from 'vitest'
import { handleResealSecrets } from './handle.ts'

const store = useDatabase()
beforeEach(async () => {
  await store.database.sql`truncate totp_factors, jobs, audit_events`
})

const master = () => parseMasterKey(Buffer.from(randomBytesOf(32)).toString('base64url'))
const [first, second] = [master(), master()]
const before = createFactorSealer({ MASTER_KEY: first, MASTER_KEYS_OLD: [] })
const during = createFactorSealer({ MASTER_KEY: second, MASTER_KEYS_OLD: [first] })
const after = createFactorSealer({ MASTER_KEY: second, MASTER_KEYS_OLD: [] })

describe('a rotation of keys', () => {
  it('seals every secret anew, so that the old key can be withdrawn, and is audited once a chunk', async () => {
    const factors = await Promise.all(Array.from({ length: 23 }, () => makeFactor(before)))
    const pending = await makeFactor(before, false)
    expect(await run(during)).toMatchObject({ state: 'done', errors: [] })
    for (const { accountId, secret } of [...factors, pending]) expect(await read(after, accountId)).toEqual(secret)
    const audited = await listAudited(store.database)
    expect(audited.map((event) => [event.action, event.actor, event.details['resealed']])).toEqual(
      [5, 5, 5, 5, 4].map((count) => ['secrets_resealed', 'system', count]),
    )
    expect(new Set(audited.map((event) => event.subjectId)).size).toBe(1)
  })

  it('takes the secrets of webhooks along, the former ones too', async () => {
    const [old, anew] = [first, second].map((MASTER_KEY) => createWebhookSealer({ MASTER_KEY, MASTER_KEYS_OLD: [] }))
    if (!old || !anew) throw new Error('two sealers')
    const id = newId('webhookEndpoint')
    const [secret, former] = [Buffer.from(randomBytesOf(32)), Buffer.from(randomBytesOf(32))]
    await store.database.sql`
      insert into webhook_endpoints (id, format, url, description, actions, events, secret_sealed, former_secret_sealed)
      values (${id}, 'webhook', 'https://shop.example/hook', 'Shop', '{}', '{}', ${sealWebhookSecret(old, id, secret)},
        ${sealWebhookSecret(old, id, former, 'former_secret_sealed')})`
    expect(await run(during)).toMatchObject({ state: 'done', errors: [] })
    const [row] = await store.database.sql<Record<SecretColumn, string>[]>`
      select secret_sealed, former_secret_sealed from webhook_endpoints where id = ${id}`
    expect(Buffer.from(openWebhookSecret(anew, id, row?.secret_sealed ?? ''))).toEqual(secret)
    const kept = openWebhookSecret(anew, id, row?.former_secret_sealed ?? '', 'former_secret_sealed')
    expect(Buffer.from(kept)).toEqual(former)
  })

  it('changes nothing else of a factor', async () => {
    const { accountId } = await makeFactor(before)
    const row = () => store.database.sql`
      select last_step, created_at, confirmed_at from totp_factors where account_id = ${accountId}`
    const was = await row()
    await run(during)
    expect([...(await row())]).toEqual([...was])
  })

  it('has nothing to do where all is under the newest key, and writes nothing', async () => {
    const { accountId } = await makeFactor(after)
    const [was] = await sealedOf(accountId)
    expect(await run(during)).toMatchObject({ state: 'done', errors: [] })
    expect(await sealedOf(accountId)).toEqual([was])
    expect(await listAudited(store.database)).toEqual([])
  })

  it('takes along what was sealed before keys had names', async () => {
    const old = createSealer({ keys: [{ id: 'k1', key: deriveKey(first, 'totp-secret') }] })
    const { accountId, secret } = await makeFactor(old)
    expect((await sealedOf(accountId))[0]).toMatch(/^v1\.k1\./)
    expect(await read(before, accountId)).toEqual(secret)
    expect(await read(during, accountId)).toEqual(secret)
    await run(during)
    expect(await read(after, accountId)).toEqual(secret)
  })

  it('waits for nobody: what another transaction holds is left to the next tick', async () => {
    const [held, free] = [await makeFactor(before), await makeFactor(before)]
    await store.database.sql.begin(async (sql) => {
      await sql`select from totp_factors where account_id = ${held.accountId} for update`
      expect(await run(during)).toMatchObject({ state: 'done', left: 1 })
    })
    expect(await read(after, free.accountId)).toEqual(free.secret)
    expect(await read(before, held.accountId)).toEqual(held.secret)
    await run(during)
    expect(await read(after, held.accountId)).toEqual(held.secret)
  })

  it('is done once, though two sweepers walk at the same time', async () => {
    const factors = await Promise.all(Array.from({ length: 40 }, () => makeFactor(before)))
    await Promise.all([run(during), run(during), run(during)])
    await run(during)
    for (const { accountId, secret } of factors) expect(await read(after, accountId)).toEqual(secret)
    const resealed = (await listAudited(store.database)).map((event) => Number(event.details['resealed']))
    expect(resealed.reduce((sum, count) => sum + count, 0)).toBe(40)
  })
})

describe('a secret that no key opens', () => {
  it.each([
    ['has a changed bit', (own: string) => flip(own)],
    ['was moved from another account', (_own: string, other: string) => other],
    ['is under a key that nobody knows', (own: string) => own.replace(/^v1\.[\w-]+\./, 'v1.unknown.')],
    ['is no sealed text at all', () => 'JBSWY3DPEHPK3PXP'],
  ])('because it %s stays as it is, is told by id, and holds nobody up', async (_why, spoil) => {
    const [bad, other, good] = [await makeFactor(before), await makeFactor(before), await makeFactor(before)]
    const spoiled = spoil((await sealedOf(bad.accountId))[0] ?? '', (await sealedOf(other.accountId))[0] ?? '')
    await store.database.sql`update totp_factors set secret_sealed = ${spoiled} where account_id = ${bad.accountId}`
    const { state, errors, left } = await run(during)
    expect([state, left]).toEqual(['done', 1])
    expect(errors).toEqual([expect.stringContaining(bad.accountId)])
    expect(errors.join('')).not.toContain(spoiled)
    expect(await sealedOf(bad.accountId)).toEqual([spoiled])
    const [row] = await store.database.sql`
      select confirmed_at is not null as active from totp_factors where account_id = ${bad.accountId}`
    expect(row?.['active']).toBe(true)
    for (const one of [other, good]) expect(await read(after, one.accountId)).toEqual(one.secret)
    // It is told again at every tick, and what could be done is not done again.
    const events = (await listAudited(store.database)).length
    expect((await run(during)).errors).toHaveLength(1)
    expect(await listAudited(store.database)).toHaveLength(events)
  })

  it('are all of them where the old key was withdrawn too early: nothing is lost, and it can be mended', async () => {
    const factors = await Promise.all(Array.from({ length: 7 }, () => makeFactor(before)))
    const { errors, left } = await run(after)
    expect(left).toBe(7)
    expect(errors).not.toEqual([])
    await run(during)
    for (const { accountId, secret } of factors) expect(await read(after, accountId)).toEqual(secret)
  })
})

async function run(
  sealer: Sealer,
  webhooks: Sealer = createWebhookSealer({ MASTER_KEY: second, MASTER_KEYS_OLD: [first] }),
) {
  const lines: { level: string; left?: number }[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  const log = createLogger({ service: 'sweeper', level: 'info', destination: { write } })
  const handlers = {
    'reseal.secrets': handleResealSecrets({
      sealers: { totp_factors: sealer, webhook_endpoints: webhooks },
      log,
      chunkRows: 5,
    }),
  } as HandlersFor<'sweeper'>
  await enqueue(store.database, { message: 'reseal.secrets', hearer: 'sweeper', payload: {} })
  const jobs = await perform(store.database, 'sweeper', handlers)
  const left = lines.findLast((line) => line.left !== undefined)?.left ?? 0
  return {
    state: jobs[0]?.state,
    left,
    errors: lines.filter((line) => line.level === 'error').map((line) => JSON.stringify(line)),
  }
}

async function makeFactor(sealer: Sealer, confirmed = true) {
  const { id: accountId } = await makeAccount(store.database)
  const secret = randomBytesOf(20)
  await store.database.sql`
    insert into totp_factors (account_id, secret_sealed, last_step, confirmed_at)
    values (${accountId}, ${sealSecret(sealer, accountId, secret)}, 7, case when ${confirmed} then now() end)`
  return { accountId, secret: Buffer.from(secret) }
}

async function sealedOf(accountId: Id<'account'>): Promise<string[]> {
  const rows = await store.database.sql<{ sealed: string }[]>`
    select secret_sealed as sealed from totp_factors where account_id = ${accountId}`
  return rows.map((row) => row.sealed)
}

async function read(sealer: Sealer, accountId: Id<'account'>): Promise<Buffer> {
  return Buffer.from(openSecret(sealer, accountId, (await sealedOf(accountId))[0] ?? ''))
}

function flip(sealed: string): string {
  const parts = sealed.split('.')
  const tag = Buffer.from(parts[4] ?? '', 'base64url')
  tag[0] = (tag[0] ?? 0) ^ 1
  return [...parts.slice(0, 4), tag.toString('base64url')].join('.')
}
