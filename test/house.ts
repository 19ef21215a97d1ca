import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@portcullis/local/free-port'
import { type Inbox, startInbox } from '@portcullis/local/inbox'
import { superviseService, type SupervisedService } from '@portcullis/local/supervise'
import { type Client, createClient } from '@portcullis/client/create-client'
import type { Credential } from '@portcullis/client/credential'
import { conformingFetch } from '@portcullis/testkit/conforming-fetch'
import { createTestDatabase } from '@portcullis/testkit/database'
import { sharedRedisUrl } from '@portcullis/testkit/provided'
import type { Database } from '@portcullis/db/connect'
import { openServiceRole } from '@portcullis/db/service-role'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Names of the processes of the house. */
export type ServiceName = 'gateway' | 'relay' | 'reset-mailer' | 'notifier' | 'sweeper' | 'lockdown' | 'revoker'

/** Mail as the inbox tells it. */
export interface InboxMail {
  readonly to: string[]
  readonly from: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly headers: Record<string, string>
  readonly receivedAt: string
}

/** The whole house: every service a process of its own, on a database of its own. */
export interface House {
  readonly gateway: string
  readonly inbox: Inbox
  readonly database: Database
  readonly databaseUrl: string
  readonly prefix: string
  service(name: ServiceName): SupervisedService
  /** Metrics and health of a service. */
  metrics(name: ServiceName): string
  /** A client of the gateway. Every answer is held against `/openapi.json`; `close` throws where one was not as documented. */
  client(credential?: Credential): Client
  /** Calls the gateway with a JSON body, checked likewise. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** Waits until `count` mails to an address are there; newest first. */
  mails(to: string, count?: number, withinMs?: number): Promise<InboxMail[]>
  /** All that the services logged. */
  logs(): string
  close(): Promise<void>
}

/** What a test may choose. */
export interface HouseOptions {
  readonly redisUrl?: string | undefined
  readonly databaseUrl?: string
  readonly smtpUrl?: string
  readonly services?: readonly ServiceName[]
  readonly env?: Readonly<Record<string, string>>
  /** Whether a service that dies is started again, as a supervisor would. Default true. */
  readonly restart?: boolean
}

/** Starts the house from its build and waits until every service is ready. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-house-'))
  mkdirSync(join(folder, 'logs'))
  const own = options.databaseUrl === undefined ? await createTestDatabase() : undefined
  const databaseUrl = options.databaseUrl ?? own?.url ?? ''
  // As in production: services may only add to the audit. A server that a test gives is the test's own affair.
  const serviceDatabaseUrl = own ? await openServiceRole({ reveal: () => own.url }) : databaseUrl
  const inbox = await startInbox({ host: '127.0.0.1', smtpPort: 0, httpPort: 0 })
  const redisUrl = 'redisUrl' in options ? options.redisUrl : sharedRedisUrl()
  const prefix = `t${randomBytes(6).toString('hex')}`
  const gatewayPort = await freePort()
  const gateway = `http://127.0.0.1:${gatewayPort}`
  const names =
    options.services ?? (['gateway', 'relay', 'reset-mailer', 'notifier', 'sweeper', 'lockdown', 'revoker'] as const)
  const ports = new Map<ServiceName, number>()
  for (const name of names) ports.set(name, await freePort())
  const common = {
    PATH: process.env['PATH'],
    DATABASE_URL: serviceDatabaseUrl,
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: prefix,
    SMTP_URL: options.smtpUrl ?? inbox.smtpUrl,
    MAIL_FROM: 'Portcullis <security@portcullis.localhost>',
    MASTER_KEY: randomBytes(32).toString('base64url'),
    PUBLIC_URL: gateway,
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: String(gatewayPort),
    METRICS_HOST: '127.0.0.1',
    LOG_LEVEL: 'debug',
    ...options.env,
  }
  const services = new Map<ServiceName, SupervisedService>()
  for (const name of names) {
    const env = { ...common, METRICS_PORT: String(ports.get(name)) }
    const logFile = join(folder, 'logs', `${name}.log`)
    services.set(name, superviseService({ name, root, env, logFile, from: 'dist', restart: options.restart ?? true }))
  }
  const metrics = (name: ServiceName) => `http://127.0.0.1:${ports.get(name)}`
  const logs = () => names.map((name) => readLog(join(folder, 'logs', `${name}.log`))).join('\n')
  await Promise.all(names.map((name) => answers(`${metrics(name)}/readyz`))).catch((error: unknown) => {
    throw new Error(`the house did not start: ${String(error)}\n${logs().slice(-4000)}`)
  })
  const conforming = conformingFetch(gateway)
  return {
    gateway,
    client: (credential) => createClient({ baseUrl: gateway, credential, fetch: conforming.fetch }),
    inbox,
    databaseUrl,
    prefix,
    get database() {
      if (!own) throw new Error('the database is another’s')
      return own.database
    },
    service(name) {
      const found = services.get(name)
      if (!found) throw new Error(`${name} was not started`)
      return found
    },
    metrics,
    post: (path, body, headers = {}) =>
      conforming.fetch(gateway + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    mails: (to, count = 1, withinMs = 20_000) => waitForMails(inbox, to, count, withinMs),
    logs,
    async close() {
      await Promise.all([...services.values()].map((service) => service.stop()))
      await inbox.stop()
      await own?.drop()
      rmSync(folder, { recursive: true, force: true })
      conforming.assertConforming()
    },
  }
}

/** The link in a mail's text. */
export function linkIn(mail: InboxMail): URL {
  const link = /https?:\/\/\S+#token=\S+/.exec(mail.text)?.[0]
  if (!link) throw new Error('the mail has no link with a token')
  return new URL(link)
}

/** The token in a mail's link. */
export function tokenIn(mail: InboxMail): string {
  return linkIn(mail).hash.replace('#token=', '')
}

/** Looks again and again until it is so: for what another process does, which sends no signal. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`not so within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function waitForMails(inbox: Inbox, to: string, count: number, withinMs: number): Promise<InboxMail[]> {
  return until(
    `${count} mails`,
    async () => {
      const response = await fetch(`${inbox.url}/messages?to=${encodeURIComponent(to)}`)
      const mails = (await response.json()) as InboxMail[]
      return mails.length >= count && mails
    },
    withinMs,
  )
}

async function answers(url: string): Promise<void> {
  await until(url, async () => (await fetch(url).catch(() => undefined))?.status === 200)
}

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
