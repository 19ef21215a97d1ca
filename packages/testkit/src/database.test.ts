import { connectDatabase } from '@portcullis/db/connect'
import { afterAll, describe, expect, it } from 'vitest'
import { createTestDatabase, useDatabase } from './database.ts'
import { databaseServer } from './provided.ts'

const store = useDatabase()

const exists = async (url: string) =>
  (await store.database.sql`select 1 from pg_database where datname = ${new URL(url).pathname.slice(1)}`).length === 1

describe('a test database', () => {
  it('is migrated, empty, and nobody else’s', async () => {
    const one = await createTestDatabase()
    const two = await createTestDatabase()
    await one.database.sql`insert into idempotency_keys values ('r', 's', '\\x00', '\\x00', 200, '{}')`
    expect(await one.database.sql`select route from idempotency_keys`).toHaveLength(1)
    expect(await two.database.sql`select route from idempotency_keys`).toHaveLength(0)
    await one.drop()
    await two.drop()
    expect(await exists(one.url)).toBe(false)
  })

  it('cannot be dropped quietly while a connection of the code under test is open: its name is told', async () => {
    const made = await createTestDatabase()
    const leak = connectDatabase({ url: made.url, name: 'forgetful' })
    await leak.sql`select 1`
    await expect(made.drop()).rejects.toThrow('connections were left open: portcullis forgetful')
    expect(await exists(made.url)).toBe(false)
    await leak.close()
  })

  it('lies on the server that all tests share', () => {
    expect(new URL(store.url).host).toBe(new URL(databaseServer()).host)
  })
})

describe('a database that a file uses', () => {
  const inner = useDatabase()
  let url = ''
  it('is there in its tests', async () => {
    url = inner.url
    expect(await exists(url)).toBe(true)
  })
  // Hooks run in reverse order of their making, so this one looks before the drop, and the last test after it.
  afterAll(async () => {
    if (!(await exists(url))) throw new Error('it was dropped too early')
  })
})
