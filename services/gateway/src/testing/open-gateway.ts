import { connectDatabase, type Database } from '@portcullis/db/connect'
import { createBreachCheck } from '@portcullis/domain/password/breach'
import { createPasswordVetter } from '@portcullis/domain/password/vet'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { createLogger, type Logger } from '@portcullis/runtime/log'
import { systemClock } from '@portcullis/runtime/clock'
import { createSealer } from '@portcullis/runtime/seal'
import { createOutbound } from '@portcullis/runtime/outbound'
import { openPlaces } from '@portcullis/runtime/place'
import { makeAuditKeys } from '@portcullis/testkit/audit'
import { createApp } from '../app.ts'
import type { AppDeps } from '../app-deps.ts'
import { createHashing } from '../hashing.ts'
import { trustProxies } from '../http/client-ip.ts'
import { listen } from '../http/listen.ts'
import { createOperationStreams } from '../routes/operation/streams.ts'

/** Key under which a test gateway tells bodies apart. */
const idempotencyKey = new Uint8Array(32).fill(7)

/** The weakest cost: what is tested here is not how long a hash takes. */
const cost = { memoryKib: 64, passes: 1, atOnceMost: 2, queueMost: 100 }

/** A gateway on a free port, over HTTP as callers meet it. */
export interface OpenGateway {
  readonly url: string
  readonly host: string
  readonly port: number
  /** Method and path of all that is mounted; `ALL` for what answers any method. */
  readonly routes: readonly { readonly method: string; readonly path: string }[]
  /** Lines that it logged. */
  readonly logged: readonly string[]
  /** Calls it with a JSON body. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

/** Opens a gateway with the settings of production, but for what the test gives, on a database that stays the test's. */
export async function openGateway(database: Database, given: Partial<AppDeps> = {}): Promise<OpenGateway> {
  const hosts = new Set<string>()
  const logged: string[] = []
  const destination = { write: (line: string) => void logged.push(line) }
  const log = createLogger({ service: 'gateway', level: 'info', destination })
  const app = createApp({ ...(await usualDeps(database, log)), hosts, ...given })
  const server = await listen(app, { host: '127.0.0.1', port: 0 })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the gateway has no port')
  const host = `127.0.0.1:${address.port}`
  hosts.add(host)
  return {
    url: `http://${host}`,
    host,
    port: address.port,
    routes: app.routes.map(({ method, path }) => ({ method, path })),
    logged,
    post: (path, body, headers = {}) =>
      fetch(`http://${host}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** The settings of production, with the weakest hashes. */
async function usualDeps(database: Database, log: Logger): Promise<Omit<AppDeps, 'hosts'>> {
  return {
    database,
    reports: database,
    ...createHashing({ database, clock: systemClock, log, ...cost }),
    vet: createPasswordVetter({
      profile: 'classic',
      contextWords: ['portcullis'],
      breach: createBreachCheck({ baseUrl: undefined, timeoutMs: 100 }),
    }),
    clientIp: trustProxies([]),
    log,
    logRequests: true,
    idempotencyKey,
    bodyBytesMost: 16_384,
    sealer: createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(9) }] }),
    webhookSealer: createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(8) }] }),
    exportSealer: createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(6) }] }),
    closingDays: 14,
    outbound: createOutbound({ lookUp: async () => [{ address: '8.8.8.8', family: 4 }] }),
    riskPolicy: { low: 'noted', medium: 'notice', high: 'step_up', repeatSeconds: 86_400 },
    leakedClients: 'report',
    githubKeys: { find: async () => undefined },
    auditKeys: makeAuditKeys(),
    signingKeys: [],
    watchKeys: [new Uint8Array(32).fill(11)],
    streams: createOperationStreams({ database, beatMs: 20 }),
    clock: systemClock,
    places: await openPlaces(),
    limits: sessionLimits,
    origin: 'https://account.acme.example',
    pages: {
      productName: 'Portcullis',
      publicUrl: new URL('https://account.acme.example'),
      passwordProfile: 'classic',
      passwordLengthLeast: 8,
    },
  }
}

/** A store that nobody answers for: connections are refused at once. */
export function openAwayDatabase(): Database {
  return connectDatabase({ url: 'postgres://nobody@127.0.0.1:1/away', name: 'away', poolSize: 1, deadlineMs: 300 })
}
