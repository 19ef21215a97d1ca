import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, createClient } from '@portcullis/client/create-client'
import { connectDatabase, type Database } from '@portcullis/db/connect'
import { migrateDatabase } from '@portcullis/db/migrate'
import { openServiceRole } from '@portcullis/db/service-role'
import { freePort } from '@portcullis/local/free-port'
import { startInbox } from '@portcullis/local/inbox'
import { startPostgres } from '@portcullis/local/postgres'
import { startRedis } from '@portcullis/local/redis'
import { dataDir } from '@portcullis/local/root'
import { Secret } from '@portcullis/runtime/secret'
import { build } from '../build.ts'
import type { Ground, Keep } from '../house.ts'
import { step } from '../progress.ts'
import { runServices } from '../run-services.ts'
import { planServices } from '../service-env.ts'
import { openReceiver, type Receiver } from './receiver.ts'

/** Where the demo leaves its report and the logs of its last run; databases live in a folder below that goes with each run. */
export const demoDir = join(dataDir, 'demo')

const logDir = join(demoDir, 'logs')

/** A whole house of its own: real servers, every service a process, a mail inbox, and the receivers of the product. */
export interface Stage {
  readonly gateway: string
  readonly inbox: string
  readonly receiver: Receiver
  /** For what only an operator's hand does: the first admin, the first API client. */
  readonly database: Database
  /** A client that calls itself `userAgent`. */
  client(userAgent: string, credential?: string): Client
}

/** Opens the house, beside any other that runs on this machine. All that it starts is handed to `keep`. */
export async function openStage(keep: Keep, onLost: (why: Error) => void): Promise<Stage> {
  const folder = join(demoDir, `run-${process.pid}`)
  rmSync(logDir, { recursive: true, force: true })
  for (const dir of [folder, logDir]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  keep('folder', async () => rmSync(folder, { recursive: true, force: true }))
  const [ground, receiver] = await Promise.all([layDemoGround(folder, keep), openReceiver(), buildAll()])
  keep('receiver', () => receiver.close())
  const plan = await planServices(
    {
      PATH: process.env['PATH'],
      MASTER_KEY: randomBytes(32).toString('base64url'),
      GATEWAY_PORT: String(await freePort()),
      WEBHOOK_ALLOW_PRIVATE: 'true',
      SUPPORT_WEBHOOK_URL: receiver.supportUrl,
      SUPPORT_WEBHOOK_FORMAT: 'slack',
    },
    ground,
  )
  const watch = { onPids: () => {}, onLost }
  const logFile = (name: string) => join(logDir, `${name}.log`)
  const begin = () => runServices(plan.services, keep, watch, logFile)
  await step('starting the services', begin, () => `${plan.services.length} services, each a process of its own`)
  const database = connectDatabase({ url: ground.databaseUrl, name: 'demo', poolSize: 2 })
  keep('database', () => database.close(1))
  return {
    gateway: plan.gateway,
    inbox: ground.inboxUrl ?? '',
    receiver,
    database,
    client: (userAgent, credential) => createClient({ baseUrl: plan.gateway, userAgent, credential, retriesMost: 0 }),
  }
}

async function buildAll(): Promise<void> {
  const work = async () => {
    const { ok, output } = await build()
    if (!ok) throw new Error(`The build failed:\n\n${output}`)
  }
  if (!process.argv.includes('--built')) await step('building', work, () => 'Built')
}

async function layDemoGround(folder: string, keep: Keep): Promise<Ground> {
  const [databaseUrl, redisUrl, inbox] = await Promise.all([
    step(
      'starting Postgres',
      () => startStore(folder, keep),
      () => 'Postgres 18, migrated',
    ),
    step(
      'starting Redis',
      () => startQueues(folder, keep),
      (url) => (url ? 'Redis' : 'No Redis here: jobs go straight from Postgres'),
    ),
    startInbox({ host: '127.0.0.1', smtpPort: 0, httpPort: 0 }),
  ])
  keep('inbox', () => inbox.stop())
  const serviceDatabaseUrl = await openServiceRole(new Secret(databaseUrl))
  return { databaseUrl, serviceDatabaseUrl, redisUrl, smtpUrl: inbox.smtpUrl, inboxUrl: inbox.url, demoMarker: '' }
}

async function startStore(folder: string, keep: Keep): Promise<string> {
  const dir = join(folder, 'postgres')
  const postgres = await startPostgres({ dataDir: dir, logFile: join(logDir, 'postgres.log'), durable: true })
  keep('Postgres', () => postgres.stop())
  await migrateDatabase(new Secret(postgres.url))
  return postgres.url
}

async function startQueues(folder: string, keep: Keep): Promise<string | undefined> {
  const dir = join(folder, 'redis')
  mkdirSync(dir, { mode: 0o700 })
  const redis = await startRedis({ dir, durable: true, logFile: join(logDir, 'redis.log') })
  if ('unavailable' in redis) return undefined
  keep('Redis', () => redis.stop())
  return redis.url
}
