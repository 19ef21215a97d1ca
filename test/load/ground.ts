import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { migrateDatabase } from '@portcullis/db/migrate'
import { startPostgres } from '@portcullis/local/postgres'
import { startRedis } from '@portcullis/local/redis'
import postgres from 'postgres'

/** The servers that both sides of every comparison stand on. */
export interface Ground {
  readonly redisUrl: string
  /** Makes an empty, migrated database and gives its address. */
  makeDatabase(): Promise<string>
  /** Makes an empty one for something else than the house. */
  makeEmptyDatabase(): Promise<string>
  /** A prefix for the keys of one measurement's queues. */
  readonly newPrefix: () => string
  /** What holds for every row. */
  readonly conditions: readonly string[]
  /** Where services log. */
  readonly logDir: string
  close(): Promise<void>
}

/**
 * Where a server's own defaults are for a small machine: a quarter of the memory for pages, as its manual says (20.4.1), 2 GB at
 * most, and a checkpoint by time instead of each gigabyte of log. Both sides of every comparison have them.
 */
const settings = {
  shared_buffers: `${Math.min(2048, Math.floor(totalmem() / 4 / 2 ** 20))}MB`,
  max_wal_size: '8GB',
}

/** Starts servers of the benchmark's own, with the durable settings of production: a commit is on the disk. */
export async function openGround(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'))
  const end = () => rmSync(folder, { recursive: true, force: true })
  const server = await startPostgres({
    dataDir: join(folder, 'postgres'),
    logFile: join(folder, 'postgres.log'),
    durable: true,
    settings,
  })
  mkdirSync(join(folder, 'redis'))
  const redis = await startRedis({ dir: join(folder, 'redis'), durable: true })
  if ('unavailable' in redis) {
    await server.stop()
    end()
    throw new Error(`a Redis is needed: ${redis.unavailable}`)
  }
  const fsync = await ask(server.url, 'show fsync')
  const version = await ask(server.url, 'show server_version')
  let made = 0
  const makeEmptyDatabase = async () => {
    const name = `bench_${(made += 1)}`
    await ask(server.url, `create database ${name}`)
    const url = new URL(server.url)
    url.pathname = `/${name}`
    return url.href
  }
  return {
    redisUrl: redis.url,
    async makeDatabase() {
      const url = await makeEmptyDatabase()
      await migrateDatabase({ reveal: () => url })
      return url
    },
    makeEmptyDatabase,
    newPrefix: () => `b${randomBytes(4).toString('hex')}`,
    conditions: [
      `Postgres ${version}, fsync ${fsync}, synchronous_commit on, shared_buffers ${settings.shared_buffers}, max_wal_size ${settings.max_wal_size}`,
      `${redis.name}, append-only file`,
      `Node ${process.versions.node}`,
      `${availableParallelism()} cores for everything (${cpus()[0]?.model.trim() ?? 'unknown'})`,
    ],
    logDir: join(folder, 'log'),
    async close() {
      await redis.stop()
      await server.stop()
      end()
    },
  }
}

async function ask(url: string, statement: string): Promise<string> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const [row] = await sql.unsafe(statement)
    return String(Object.values(row ?? {})[0] ?? '')
  } finally {
    await sql.end({ timeout: 5 })
  }
}
