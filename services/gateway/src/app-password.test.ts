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

const owner = { email: 'grace.hopper@example.com', name: 'Grace Hopper' }

async function reasons(password: string): Promise<string[]> {
  const before = await countRows(store.database)
  const answer = await gateway.post('/v1/accounts', { ...owner, password })
  const problem = await readRefusal(answer)
  expect(problem.code).toBe('password_refused')
  expect(await countRows(store.database)).toEqual(before)
  expect(problem.errors?.every(({ pointer }) => pointer === '/password')).toBe(true)
  // Short ones and `password` are words of the answer itself.
  const planted = password.length > 8 ? JSON.stringify(password).slice(1, -1) : 'planted'
  expect(JSON.stringify(problem)).not.toContain(planted)
  return problem.errors?.map(({ code }) => code.replace('password_', '')) ?? []
}

describe('a weak password is refused with every reason at once, and changes nothing', () => {
  it.each([
    ['a', ['too_short', 'needs_upper', 'needs_digit', 'needs_special', 'common']],
    ['password', ['needs_upper', 'needs_digit', 'needs_special', 'common']],
    ['PASSWORD1', ['needs_lower', 'needs_special', 'common']],
    ['P@ssw0rd1!', ['common']],
    ['Password1!', ['common']],
    ['Qwerty123!', ['common']],
    ['Portcullis2026!', ['context']],
    ['Grace.Hopper1!', ['personal']],
    ['Hopper-A1!', ['personal']],
    ['grace', ['too_short', 'needs_upper', 'needs_digit', 'needs_special', 'common', 'personal']],
    ['🐎🐎🐎🐎', ['too_short', 'needs_upper', 'needs_lower', 'needs_digit', 'common']],
    ['nul\u0000Byte-4-orbit', ['has_nul']],
    ['half\ud83d-Char-4-orbit', ['not_unicode']],
    [`Aa1-${'xy'.repeat(63)}`, ['too_long']],
  ])('%j', async (password, codes) => {
    expect(await reasons(password)).toEqual(codes)
  })

  it('a birthday', async () => {
    expect(await reasons('12.04.1990')).toEqual(expect.arrayContaining(['needs_upper', 'needs_lower']))
  })
})

describe('a good password is taken', () => {
  it.each([
    ['of eight characters', 'wK7-pzQ!'],
    ['of 128', `Wk7-${'plumorbit kettle '.repeat(8)}`.slice(0, 128)],
    ['with spaces at its ends', '  plum Kettle 47 orbit  '],
    ['of other scripts', 'Слива-чайник-47'],
    ['with emoji, counted as code points', '👍🏽 Plum-47 👍🏽'],
  ])('%s', async (_what, password) => {
    const answer = await gateway.post('/v1/accounts', { ...owner, password })
    expect(answer.status).toBe(202)
  })

  it('and is stored as an Argon2id hash only', async () => {
    await gateway.post('/v1/accounts', { ...owner, password: 'planted-Kettle-47-orbit' })
    const rows = await store.database.sql<{ row: string; hash: string }[]>`
      select to_jsonb(r)::text as row, password_hash as hash from registrations r`
    expect(rows.every(({ hash }) => hash.startsWith('$argon2id$'))).toBe(true)
    expect(JSON.stringify(rows)).not.toContain('planted-Kettle')
  })
})

it('a password of a megabyte is refused before it is looked at', async () => {
  const answer = await gateway.post('/v1/accounts', { ...owner, password: 'x'.repeat(1_000_000) })
  expect(await readRefusal(answer)).toMatchObject({ status: 413 })
})

it('an address says the same whether or not it has an account', async () => {
  await store.database.sql`
    insert into accounts (id, email, email_key, name, password_changed_at)
    values (gen_random_uuid(), 'taken@example.com', 'taken@example.com', 'Ada', now())`
  const [free, taken] = await Promise.all(
    ['free@example.com', 'taken@example.com'].map(async (email) => {
      const answer = await gateway.post('/v1/accounts', { email, name: 'Ada', password: 'plum-Kettle-47-orbit' })
      return { status: answer.status, body: await answer.text() }
    }),
  )
  expect(free).toEqual(taken)
})
