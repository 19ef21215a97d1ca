import { endpoints } from '@portcullis/contracts/api/index'
import { connectDatabase } from '@portcullis/db/connect'
import { createPasswordHasher } from '@portcullis/domain/password/hash'
import { useDatabase } from '@portcullis/testkit/database'
import { describe, expect, it } from 'vitest'
import { openAwayDatabase, openGateway } from './testing/open-gateway.ts'
import { readRefusal } from './testing/read-refusal.ts'
import { countRows } from './testing/store-count.ts'

const store = useDatabase()
const bodies = {
  registerAccount: { email: 'ada@example.com', password: 'plum-Kettle-47-orbit', name: 'Ada' },
  verifyEmail: { token: 'x'.repeat(43) },
  requestPasswordReset: { email: 'ada@example.com' },
  completePasswordReset: { token: 'x'.repeat(43), password: 'plum-Kettle-47-orbit' },
} as const

describe('while the store is away', () => {
  it.each(Object.keys(bodies) as (keyof typeof bodies)[])('%s is a 503 that says when to come back', async (name) => {
    const away = openAwayDatabase()
    const gateway = await openGateway(away)
    for (const headers of [{}, { 'idempotency-key': 'away' }]) {
      const answer = await gateway.post(endpoints[name].path, bodies[name], headers)
      expect(answer.headers.get('retry-after')).toBe('2')
      expect(await readRefusal(answer)).toMatchObject({ status: 503, code: 'store_unavailable' })
    }
    expect(gateway.logged.join('')).not.toMatch(/example\.com|xxxxx|plum/)
    await gateway.close()
    await away.close()
  })

  it('bad input is refused as ever, and pages are served', async () => {
    const away = openAwayDatabase()
    const gateway = await openGateway(away)
    expect(await readRefusal(await gateway.post('/v1/password-resets', {}))).toMatchObject({ status: 422 })
    expect((await fetch(`${gateway.url}/reset-password`)).status).toBe(200)
    await gateway.close()
    await away.close()
  })
})

it('a store that does not answer in time is a 503, and nothing is changed by it, then or later', async () => {
  const slow = connectDatabase({ url: store.url, name: 'slow', poolSize: 4, statementTimeoutMs: 200, deadlineMs: 2000 })
  const gateway = await openGateway(slow)
  const before = await countRows(store.database)
  await store.database.sql.begin(async (sql) => {
    await sql`lock table password_resets, registrations in access exclusive mode`
    for (const name of ['requestPasswordReset', 'registerAccount'] as const) {
      const answer = await gateway.post(endpoints[name].path, bodies[name], { 'idempotency-key': 'slow' })
      expect(await readRefusal(answer)).toMatchObject({ status: 503 })
      const plain = await gateway.post(endpoints[name].path, bodies[name])
      expect(await readRefusal(plain)).toMatchObject({ status: 503 })
    }
  })
  expect(await countRows(store.database)).toEqual(before)
  // The key was not used up by what failed.
  const again = await gateway.post('/v1/password-resets', bodies.requestPasswordReset, { 'idempotency-key': 'slow' })
  expect(again.status).toBe(202)
  await gateway.close()
  await slow.close()
})

it('a fault of ours is a 500 that tells nothing of its cause, which is in the log without what was sent', async () => {
  const gateway = await openGateway(store.database)
  await store.database.sql`alter table registrations rename to registrations_gone`
  try {
    const answer = await gateway.post('/v1/accounts', bodies.registerAccount)
    const text = await answer.clone().text()
    expect(await readRefusal(answer)).toMatchObject({ status: 500, code: 'internal_error' })
    expect(text).not.toMatch(/registrations|relation|42P01|select|insert|node_modules|at /i)
    const log = gateway.logged.join('')
    expect(log).toContain('a request failed')
    expect(log).toContain(answer.headers.get('x-request-id'))
    expect(log).not.toMatch(/ada@example\.com|plum-Kettle/)
  } finally {
    await store.database.sql`alter table registrations_gone rename to registrations`
    await gateway.close()
  }
})

it('more passwords to hash than may wait are a 429 that says when to come back, and change nothing', async () => {
  const hasher = createPasswordHasher({ atOnceMost: 1, queueMost: 1 })
  const gateway = await openGateway(store.database, { hasher })
  const before = await countRows(store.database)
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => gateway.post('/v1/accounts', bodies.registerAccount)),
  )
  const refusals = answers.filter(({ status }) => status === 429)
  const taken = answers.filter(({ status }) => status === 202)
  expect(refusals.length).toBeGreaterThan(0)
  expect(refusals.length + taken.length).toBe(12)
  for (const refusal of refusals) {
    expect(refusal.headers.get('retry-after')).toBe('1')
    expect(await readRefusal(refusal)).toMatchObject({ code: 'rate_limited' })
  }
  const after = await countRows(store.database)
  expect((after['registrations'] ?? 0) - (before['registrations'] ?? 0)).toBe(taken.length)
  await gateway.close()
})
