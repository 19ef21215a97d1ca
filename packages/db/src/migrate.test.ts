import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { databaseServer } from '@portcullis/testkit/provided'
import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { migrateDatabase } from './migrate.ts'

const room = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

/** Runs `work` on a new, empty database. */
async function onEmptyDatabase(work: (url: string, sql: postgres.Sql) => Promise<void>): Promise<void> {
  const name = `t_${randomUUID().replaceAll('-', '')}`
  const server = postgres(databaseServer(), { max: 1, onnotice: () => {} })
  const url = new URL(databaseServer())
  url.pathname = `/${name}`
  await server.unsafe(`create database ${name}`)
  const sql = postgres(url.href, { max: 1, onnotice: () => {} })
  try {
    await work(url.href, sql)
  } finally {
    await sql.end({ timeout: 5 })
    await server.unsafe(`drop database ${name} with (force)`)
    await server.end({ timeout: 5 })
  }
}

describe('migrating', () => {
  it('three at once are in order, and a later one changes nothing', async () => {
    await onEmptyDatabase(async (url, sql) => {
      const reveal = () => url
      await Promise.all([migrateDatabase({ reveal }), migrateDatabase({ reveal }), migrateDatabase({ reveal })])
      const files = readdirSync(join(room, 'migrations')).filter((file) => file.endsWith('.sql'))
      const applied = () => sql`select id, hash from drizzle.__drizzle_migrations order by id`
      const first = await applied()
      expect(first).toHaveLength(files.length)
      await migrateDatabase({ reveal })
      expect(await applied()).toEqual(first)
    })
  })

  it('says what is wrong when the store is away, and does not hang', async () => {
    const away = migrateDatabase({ reveal: () => 'postgres://app@127.0.0.1:1/nothing' })
    await expect(away).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('has a step for every table as the code declares it: generating makes nothing new', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'portcullis-schema-'))
    try {
      for (const part of ['src', 'migrations', 'drizzle.config.ts', 'package.json']) {
        cpSync(join(room, part), join(copy, part), { recursive: true })
      }
      symlinkSync(join(room, 'node_modules'), join(copy, 'node_modules'))
      const kit = (...words: string[]) =>
        run(process.execPath, [join(room, 'node_modules/drizzle-kit/bin.cjs'), ...words], { cwd: copy })
      await kit('check')
      const before = readdirSync(join(copy, 'migrations'))
      await kit('generate', '--name', 'unexpected')
      const made = readdirSync(join(copy, 'migrations')).filter((file) => !before.includes(file))
      expect(made.map((file) => readFileSync(join(copy, 'migrations', file), 'utf8'))).toEqual([])

      // And it would have noticed: one more column makes one more step.
      const table = join(copy, 'src/tables/notices.ts')
      writeFileSync(
        table,
        readFileSync(table, 'utf8').replace('userAgent: text(),', 'userAgent: text(), more: text(),'),
      )
      await kit('generate', '--name', 'expected')
      const more = readdirSync(join(copy, 'migrations')).filter((file) => file.endsWith('_expected.sql'))
      expect(more.map((file) => readFileSync(join(copy, 'migrations', file), 'utf8'))).toEqual([
        expect.stringContaining('ADD COLUMN "more" text'),
      ])
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  })
})
