import { useDatabase } from '@portcullis/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from './testing/open-gateway.ts'
import { readRefusal } from './testing/read-refusal.ts'
import { countRows } from './testing/store-count.ts'

const store = useDatabase()
let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway(store.database)
})
afterAll(() => gateway.close())

const account = { email: 'ada@example.com', password: 'plum-Kettle-47-orbit', name: 'Ada' }
const calls = [
  ['/v1/password-resets', { email: 'ada@example.com' }, { email: 'eve@example.com' }, 'password_resets'],
  ['/v1/accounts', account, { ...account, name: 'Eve' }, 'registrations'],
] as const

/** What each table gained meanwhile. */
async function gained(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await countRows(store.database)
  await work()
  const after = await countRows(store.database)
  const changes = Object.entries(after).map(([table, count]) => [table, count - (before[table] ?? 0)] as const)
  return Object.fromEntries(changes.filter(([, change]) => change !== 0))
}

describe.each(calls)('%s with an Idempotency-Key', (path, body, other, table) => {
  const effect = { [table]: 1, jobs: 1, audit_events: 1, idempotency_keys: 1 }
  const key = (name: string) => ({ 'idempotency-key': `"${table}-${name}"` })

  it('is done once, and answered alike each time', async () => {
    const answers: string[] = []
    const changes = await gained(async () => {
      for (let time = 0; time < 3; time += 1) {
        const answer = await gateway.post(path, body, key('again'))
        answers.push(`${answer.status} ${await answer.text()}`)
      }
    })
    expect(changes).toEqual(effect)
    expect(answers).toEqual(Array.from({ length: 3 }, () => '202 {"status":"accepted"}'))
  })

  it('is done once also when fifty come at the same time: twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const statuses: number[] = []
      const changes = await gained(async () => {
        const answers = await Promise.all(
          Array.from({ length: 50 }, () => gateway.post(path, body, key(`parallel-${round}`))),
        )
        statuses.push(...answers.map(({ status }) => status))
      })
      expect(changes).toEqual(effect)
      expect(statuses).toEqual(Array.from({ length: 50 }, () => 202))
    }
  }, 60_000)

  it('refuses another body under the same key, also in parallel, and changes nothing by it', async () => {
    await gateway.post(path, body, key('other'))
    const codes: string[] = []
    const changes = await gained(async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.post(path, other, key('other'))))
      for (const answer of answers) codes.push((await readRefusal(answer)).code)
    })
    expect(changes).toEqual({})
    expect(codes).toEqual(Array.from({ length: 50 }, () => 'idempotency_key_reused'))
  })

  it('takes the key quoted or bare as the same key, and another key as another request', async () => {
    const changes = await gained(async () => {
      await gateway.post(path, body, { 'idempotency-key': `"${table}-bare"` })
      await gateway.post(path, body, { 'idempotency-key': `${table}-bare` })
      await gateway.post(path, body, { 'idempotency-key': `${table}-third` })
    })
    expect(changes).toMatchObject({ [table]: 2, idempotency_keys: 2 })
  })

  it.each(['', '""', 'two words', '"a b"', 'x'.repeat(256), 'tab\tbed', 'ünïcode'])(
    'refuses the key %j and changes nothing',
    async (bad) => {
      const changes = await gained(async () => {
        const answer = await gateway.post(path, body, { 'idempotency-key': bad })
        expect(await readRefusal(answer)).toMatchObject({ status: 422, errors: [{ code: 'idempotency_key_invalid' }] })
      })
      expect(changes).toEqual({})
    },
  )

  it('leaves a key free when the request is refused', async () => {
    const changes = await gained(async () => {
      expect((await gateway.post(path, { ...body, email: 'nobody' }, key('refused'))).status).toBe(422)
      expect((await gateway.post(path, body, key('refused'))).status).toBe(202)
    })
    expect(changes).toEqual(effect)
  })
})

it('the same key at another call is another key', async () => {
  const key = { 'idempotency-key': 'shared-between-calls' }
  for (const [path, body] of calls) expect((await gateway.post(path, body, key)).status).toBe(202)
})

it('what is kept of a key tells neither the key, nor the body, nor anything that could be guessed back', async () => {
  const key = 'planted-key-7f3a'
  const planted = { email: 'seedling@example.com', password: 'walnut-Kettle-47-orbit', name: 'Willow' }
  expect((await gateway.post('/v1/accounts', planted, { 'idempotency-key': key })).status).toBe(202)
  const rows = await store.database.sql<{ row: string }[]>`
    select to_jsonb(t)::text || encode(key_hash, 'escape') || encode(body_hash, 'escape') as row from idempotency_keys t`
  const text = rows.map(({ row }) => row).join('\n')
  expect(rows.length).toBeGreaterThan(0)
  for (const secret of [key, 'seedling', 'walnut', 'willow']) expect(text.toLowerCase()).not.toContain(secret)
  const [guessed] = await store.database.sql<{ found: boolean }[]>`
    select exists (select from idempotency_keys where body_hash = sha256(convert_to(${JSON.stringify([planted.email, planted.password, planted.name])}, 'UTF8'))) as found`
  expect(guessed?.found).toBe(false)
})
