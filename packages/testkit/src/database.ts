import { connectDatabase, type Database } from '@portcullis/db/connect'
import { newUuid } from '@portcullis/runtime/id'
import postgres from 'postgres'
import { afterAll, beforeAll } from 'vitest'
import { databaseServer, databaseTemplate } from './provided.ts'

/** A database of its own for a test file: a copy of the migrated template, dropped at the end. */
export interface TestDatabase {
  readonly url: string
  readonly database: Database
  /** Opens another pool on it; the test closes it. */
  connect(name: string): Database
}

/** Makes a database for this test file. Use the result inside tests only: it is there after `beforeAll`. */
export function useDatabase(): TestDatabase {
  let made: { url: string; database: Database; drop: () => Promise<void> } | undefined
  beforeAll(async () => {
    made = await createTestDatabase()
  })
  afterAll(async () => {
    await made?.drop()
  })
  const there = () => {
    if (!made) throw new Error('the database is there only inside tests')
    return made
  }
  return {
    get url() {
      return there().url
    },
    get database() {
      return there().database
    },
    connect: (name) => connectDatabase({ url: there().url, name }),
  }
}

/** Makes a database by hand; `drop` fails when a connection to it was left open by the code under test. */
export async function createTestDatabase(): Promise<{ url: string; database: Database; drop: () => Promise<void> }> {
  const name = `t_${newUuid().replaceAll('-', '')}`
  await onServer((sql) => sql.unsafe(`create database ${name} template ${databaseTemplate()} strategy file_copy`))
  const url = new URL(databaseServer())
  url.pathname = `/${name}`
  const database = connectDatabase({ url: url.href, name: 'test', poolSize: 5 })
  return {
    url: url.href,
    database,
    async drop() {
      await database.close()
      const left = await leftConnections(name)
      await onServer((sql) => sql.unsafe(`drop database ${name} with (force)`))
      if (left.length > 0) throw new Error(`connections were left open: ${left.join(', ')}`)
    },
  }
}

/** Connections that outlive the test: given a moment, as the server notices a closed socket a little later. */
async function leftConnections(name: string): Promise<string[]> {
  for (let look = 0; ; look += 1) {
    const rows = await onServer(
      (sql) => sql<{ application_name: string }[]>`
        select application_name from pg_stat_activity where datname = ${name} and pg_sleep(${look === 0 ? 0 : 0.05}) is not null`,
    )
    if (rows.length === 0 || look === 20) return rows.map((row) => row.application_name)
  }
}

async function onServer<T>(work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(databaseServer(), { max: 1, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
