import { existsSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { migrateDatabase } from '@portcullis/db/migrate'
import { openServiceRole } from '@portcullis/db/service-role'
import { freePort } from '@portcullis/local/free-port'
import { startInbox } from '@portcullis/local/inbox'
import { startPostgres } from '@portcullis/local/postgres'
import { type Redis, startRedis } from '@portcullis/local/redis'
import { dataDir } from '@portcullis/local/root'
import { Secret } from '@portcullis/runtime/secret'
import { build } from './build.ts'
import { say, step } from './progress.ts'

/** What the services lean on, running. */
export interface Ground {
  /** The owner of the tables: migrations, and whoever looks in. */
  readonly databaseUrl: string
  /** What services are given: a role that may only add to the audit, where the server is ours. */
  readonly serviceDatabaseUrl: string
  /** Undefined: the house runs without Redis. */
  readonly redisUrl: string | undefined
  readonly smtpUrl: string
  /** Undefined: mail goes to SMTP_URL. */
  readonly inboxUrl: string | undefined
  /** Marks this very database: a folder or file name that another one would not have. */
  readonly demoMarker: string
}

/** Takes note of something that has to be ended, last first. */
export type Keep = (name: string, end: () => Promise<void>) => void

/** Addresses given from outside. */
type Given = Readonly<Record<string, string | undefined>>

const logBytesMost = 10 * 1024 * 1024

/** The log file of a server or service, of which one older generation is kept once it has grown beyond 10 MiB. */
export function logFile(name: string): string {
  const file = join(dataDir, 'logs', `${name}.log`)
  if (existsSync(file) && statSync(file).size > logBytesMost) renameSync(file, `${file}.1`)
  return file
}

/**
 * Builds, and starts or finds database, Redis and mail. A server that ends unasked is started again; `onLost` is told when
 * Postgres does not come back, without which nothing works.
 */
export async function layGround(env: Given, keep: Keep, onLost: (why: Error) => void): Promise<Ground> {
  const [database, redisUrl, mail] = await Promise.all([
    findDatabase(env, keep, onLost),
    findRedis(env, keep),
    findMail(env, keep),
    buildPackages(),
  ])
  const demoMarker = join(dataDir, env['DATABASE_URL'] ? 'demo-external.json' : 'postgres/demo.json')
  return { ...database, redisUrl, ...mail, demoMarker }
}

async function buildPackages(): Promise<void> {
  const work = async () => {
    const { ok, output } = await build()
    if (!ok) throw new Error(`The build failed:\n\n${output}`)
  }
  await step('building', work, () => 'Built')
}

type GroundDatabase = Pick<Ground, 'databaseUrl' | 'serviceDatabaseUrl'>

async function findDatabase(env: Given, keep: Keep, onLost: (why: Error) => void): Promise<GroundDatabase> {
  const given = env['DATABASE_URL']
  const work = async () => {
    const url = given || (await startOwnPostgres(keep, onLost))
    const owner = new Secret(url)
    await migrateDatabase(owner)
    // A server that was given has passwords and roles of its own: whoever gave it chose the role.
    return { databaseUrl: url, serviceDatabaseUrl: given ? url : await openServiceRole(owner) }
  }
  return step('starting Postgres', work, () => (given ? 'Postgres of DATABASE_URL, migrated' : 'Postgres 18, migrated'))
}

async function startOwnPostgres(keep: Keep, onLost: (why: Error) => void): Promise<string> {
  const revive = async () => {
    say('  Postgres ended unasked; starting it again (.data/logs/postgres.log tells why).')
    await postgres
      .restart('fast')
      .catch((cause: unknown) => onLost(new Error('Postgres does not come back.', { cause })))
  }
  const postgres = await startPostgres({
    dataDir: join(dataDir, 'postgres', 'cluster'),
    logFile: logFile('postgres'),
    durable: true,
    onUnexpectedExit: () => void revive(),
  })
  keep('Postgres', () => postgres.stop())
  return postgres.url
}

async function findRedis(env: Given, keep: Keep): Promise<string | undefined> {
  const given = env['REDIS_URL']
  if (given) {
    say('  Redis of REDIS_URL')
    return given
  }
  const started = await step('starting Redis', startOwnRedis, tellRedis)
  if ('unavailable' in started) return undefined
  keep('Redis', () => started.stop())
  return started.url
}

function tellRedis(found: Redis | { unavailable: string }): string {
  if (!('unavailable' in found)) return found.name
  return `No Redis: ${found.unavailable}. Workers take their jobs straight from Postgres instead: slower, and nothing is lost.`
}

async function startOwnRedis(): Promise<Redis | { unavailable: string }> {
  let running: Redis | undefined
  const revive = async () => {
    say('  Redis ended unasked; starting it again (.data/logs/redis.log tells why).')
    await running
      ?.restart()
      .catch(() => say('  Redis does not come back. Workers take their jobs straight from Postgres.'))
  }
  const found = await startRedis({
    dir: join(dataDir, 'redis'),
    durable: true,
    logFile: logFile('redis'),
    onFetch: () => say('  … getting Redis (once, about 7 MB)'),
    onUnexpectedExit: () => void revive(),
  })
  if (!('unavailable' in found)) running = found
  return found
}

async function findMail(env: Given, keep: Keep): Promise<Pick<Ground, 'smtpUrl' | 'inboxUrl'>> {
  const given = env['SMTP_URL']
  if (given) {
    say('  Mail goes to SMTP_URL')
    return { smtpUrl: given, inboxUrl: undefined }
  }
  const inbox = await startInbox({
    host: '127.0.0.1',
    smtpPort: await freePort(1025),
    httpPort: await freePort(8025),
    file: join(dataDir, 'inbox', 'messages.ndjson'),
  })
  keep('inbox', () => inbox.stop())
  return { smtpUrl: inbox.smtpUrl, inboxUrl: inbox.url }
}
