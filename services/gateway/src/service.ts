import type { Server } from 'node:http'
import { connectDatabase, storeAnswers } from '@portcullis/db/connect'
import { createBreachCheck } from '@portcullis/domain/password/breach'
import { createPasswordHasher } from '@portcullis/domain/password/hash'
import { createHashGate } from '@portcullis/domain/password/hash-gate'
import { createImportedVerifier } from '@portcullis/domain/password/imported'
import { withImported } from '@portcullis/domain/password/with-imported'
import { createPasswordVetter } from '@portcullis/domain/password/vet'
import { deriveKey } from '@portcullis/runtime/master-key'
import { systemClock } from '@portcullis/runtime/clock'
import { createSealer } from '@portcullis/runtime/seal'
import { openPlaces } from '@portcullis/runtime/place'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { createApp } from './app.ts'
import type { GatewayConfig } from './config.ts'
import { trustProxies } from './http/client-ip.ts'
import { listen } from './http/listen.ts'

/** Builds and starts the gateway. Any number may run beside each other. */
export async function createService({
  config,
  log,
}: ServiceBase & { readonly config: GatewayConfig }): Promise<RunningService> {
  const database = connectDatabase({
    url: config.DATABASE_URL.reveal(),
    name: 'gateway',
    poolSize: config.DATABASE_POOL,
    // Callers wait for this: better a clear 503 than a long silence.
    statementTimeoutMs: 5000,
    deadlineMs: 8000,
  })
  const limits = { atOnceMost: config.HASHES_AT_ONCE, queueMost: config.HASHES_WAITING }
  // One gate for all hashing: ours, and those that came with imported accounts.
  const gate = createHashGate(limits)
  const hasher = withImported(createPasswordHasher({ ...limits, gate }), createImportedVerifier(gate))
  const breach = createBreachCheck({
    baseUrl: config.BREACH_CHECK_URL === undefined ? undefined : new URL(config.BREACH_CHECK_URL),
    timeoutMs: config.BREACH_CHECK_TIMEOUT_MS,
    onAway: (reason) => log.warn({ reason }, 'the breach check gave no answer'),
  })
  const app = createApp({
    database,
    hasher,
    vet: createPasswordVetter({
      profile: config.PASSWORD_PROFILE,
      minimumLength: config.PASSWORD_LENGTH_LEAST,
      contextWords: config.CONTEXT_WORDS,
      breach,
    }),
    hosts: new Set([new URL(config.PUBLIC_URL).host, ...config.ALLOWED_HOSTS].map((host) => host.toLowerCase())),
    clientIp: trustProxies(config.TRUSTED_PROXIES),
    log,
    logRequests: config.LOG_REQUESTS,
    idempotencyKey: deriveKey(config.MASTER_KEY, 'idempotency-body'),
    sealer: createSealer({ keys: [{ id: 'k1', key: deriveKey(config.MASTER_KEY, 'totp-secret') }] }),
    clock: systemClock,
    places: await openPlaces(),
    limits: sessionLimits,
    origin: new URL(config.PUBLIC_URL).origin,
    bodyBytesMost: config.BODY_BYTES_MOST,
    pages: {
      productName: config.PRODUCT_NAME,
      publicUrl: new URL(config.PUBLIC_URL),
      passwordProfile: config.PASSWORD_PROFILE,
      passwordLengthLeast: config.PASSWORD_LENGTH_LEAST,
    },
  })
  const server = await listen(app, { host: config.GATEWAY_HOST, port: config.GATEWAY_PORT })
  log.info({ port: portOf(server) }, 'listening')
  return {
    ready: () => storeAnswers(database),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      await closed
      await database.close()
    },
  }
}

function portOf(server: Server): number | undefined {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : undefined
}
