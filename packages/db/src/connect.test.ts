import { randomBytes, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { expect, it } from 'vitest'
import { inTransaction } from './transaction.ts'

const store = useDatabase()

it('a pool names itself to the server and sets the time limits that keep the ledger healthy', async () => {
  const database = store.connect('named')
  const [row] = await database.sql`
    select current_setting('application_name') as name, current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle`
  expect(row).toEqual({ name: 'portcullis named', statement: '15s', idle: '15s' })
  await database.close()
})

it('moments are dates both ways, to the millisecond and in any zone', async () => {
  const { id } = await makeAccount(store.database)
  const at = new Date('2026-02-03T04:05:06.789Z')
  await inTransaction(store.database, async ({ sql }) => {
    await sql`set local time zone 'Asia/Kolkata'`
    await sql`update accounts set password_changed_at = ${at} where id = ${id}`
    const [row] = await sql`select password_changed_at as at, now() as now from accounts where id = ${id}`
    expect(row).toEqual({ at, now: expect.any(Date) })
  })
})

it('bytes are bytes both ways', async () => {
  const salt = Buffer.from(Uint8Array.from({ length: 256 }, (_, value) => value))
  const [row] = await store.database.sql`
    insert into password_resets (id, salt) values (${randomUUID()}, ${salt}) returning salt`
  expect(Buffer.from(row!['salt'])).toEqual(salt)
})

it('a value is a parameter, whatever it holds', async () => {
  const name = `'; drop table accounts; -- ${randomBytes(4).toString('hex')}`
  const { id } = await makeAccount(store.database, { name })
  expect(await store.database.sql`select name from accounts where id = ${id}`).toEqual([{ name }])
})

it('a statement is prepared once per connection', async () => {
  await inTransaction(store.database, async ({ sql }) => {
    for (let time = 0; time < 5; time += 1) await sql`select ${time}::int as prepared_here`
    const prepared = await sql`
      select (generic_plans + custom_plans)::int as uses from pg_prepared_statements
      where statement = 'select $1::int as prepared_here'`
    expect([...prepared]).toEqual([{ uses: 5 }])
  })
})

it('a running service never loads Drizzle: only tables and migrations know it', () => {
  const source = fileURLToPath(new URL('.', import.meta.url))
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  const asked = files.filter((file) => /^(?!tables\/|migrate).*\.ts$/.test(file) && !file.endsWith('.test.ts'))
  expect(asked.length).toBeGreaterThan(10)
  const loading = asked.filter((file) =>
    /from '(drizzle-|.*\/tables\/|.*\/migrate)/.test(readFileSync(source + file, 'utf8')),
  )
  expect(loading).toEqual([])
})
