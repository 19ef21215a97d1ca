import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrateDatabase } from '@portcullis/db/migrate'
import { startPostgres } from '@portcullis/local/postgres'
import { startRedis } from '@portcullis/local/redis'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A database server of which the tests may make databases. */
    databaseServer: string
    /** An empty, migrated database to be copied. */
    databaseTemplate: string
    /** A Redis for tests that keep to a prefix of their own; absent where none can be had. */
    redisUrl: string | undefined
  }
}

/** Starts the servers that all tests share, unless DATABASE_URL and REDIS_URL name others, and makes the template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-test-'))
  mkdirSync(join(folder, 'redis'))
  const ends: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })]

  let server = process.env['DATABASE_URL']
  if (!server) {
    const started = await startPostgres({
      dataDir: join(folder, 'postgres'),
      logFile: join(folder, 'postgres.log'),
      durable: false,
    })
    ends.push(() => started.stop())
    server = started.url
  }
  let redisUrl = process.env['REDIS_URL']
  if (!redisUrl) {
    const started = await startRedis({ dir: join(folder, 'redis'), durable: false })
    if ('unavailable' in started) console.warn(`tests of the queues are skipped: ${started.unavailable}`)
    else {
      ends.push(() => started.stop())
      redisUrl = started.url
    }
  }

  const template = `portcullis_template_${process.pid}`
  await runOn(server, `create database ${template}`)
  ends.push(() => runOn(String(server), `drop database if exists ${template} with (force)`))
  const templateUrl = new URL(server)
  templateUrl.pathname = `/${template}`
  await migrateDatabase({ reveal: () => templateUrl.href })

  project.provide('databaseServer', server)
  project.provide('databaseTemplate', template)
  project.provide('redisUrl', redisUrl)
  return async () => {
    for (const end of ends.reverse()) await end()
  }
}

async function runOn(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
