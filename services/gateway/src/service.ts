import type { Server } from 'node:http'
import { connectDatabase, storeAnswers } from '@portcullis/db/connect'
import { createAuditKeys } from '@portcullis/domain/audit/key'
import { createBreachCheck } from '@portcullis/domain/password/breach'
import { createPasswordVetter, type PasswordVetter } from '@portcullis/domain/password/vet'
import { watchTokenPurpose } from '@portcullis/domain/lockdown/watch-token'
import { deriveKey } from '@portcullis/runtime/master-key'
import { deriveKeys } from '@portcullis/runtime/master-key-ring'
import { systemClock } from '@portcullis/runtime/clock'
import type { Logger } from '@portcullis/runtime/log'
import { createOutbound } from '@portcullis/runtime/outbound'
import { allowsPrivate } from '@portcullis/runtime/outbound-setting'
import { openPlaces } from '@portcullis/runtime/place'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { createExportSealer } from '@portcullis/domain/export/sealing'
import { createFactorSealer } from '@portcullis/domain/two-factor/secret'
import { createGithubKeys } from '@portcullis/domain/leak/github-keys'
import { createSigningKeys } from '@portcullis/domain/security-event/signing-key'
import { createWebhookSealer } from '@portcullis/domain/webhook/secret'
import { openBoardMount } from './board/open-board.ts'
import { createApp } from './app.ts'
import type { GatewayConfig } from './config.ts'
import { createHashing } from './hashing.ts'
import { trustProxies } from './http/client-ip.ts'
import { listen } from './http/listen.ts'
import { createOperationStreams } from './routes/operation/streams.ts'

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
  // Few at a time, and not out of the pool of logins: a dry run may read whole tables.
  const reports = connectDatabase({
    url: config.DATABASE_URL.reveal(),
    name: 'gateway reports',
    poolSize: 2,
    statementTimeoutMs: 60_000,
    deadlineMs: 65_000,
    planner: 'free',
  })
  const limits = { atOnceMost: config.HASHES_AT_ONCE, queueMost: config.HASHES_WAITING }
  const hashing = createHashing({ database, clock: systemClock, log, ...limits })
  void hashing.floor.refresh()
  const outbound = createOutbound({ allowPrivate: allowsPrivate(config) })
  const streams = createOperationStreams({ database })
  const board = await openBoardMount(config, log)
  const app = createApp({
    ...depsOf(config),
    database,
    reports,
    ...hashing,
    vet: createVetter(config, log),
    log,
    outbound,
    streams,
    clock: systemClock,
    places: await openPlaces(),
    limits: sessionLimits,
    ...(board && { board: board.mount }),
  })
  const server = await listen(app, { host: config.GATEWAY_HOST, port: config.GATEWAY_PORT })
  log.info({ port: portOf(server) }, 'listening')
  return {
    ready: () => storeAnswers(database),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // A stream would hold the server open for minutes; its readers open another elsewhere.
      streams.close()
      server.closeIdleConnections()
      await closed
      await Promise.all([outbound.close(), board?.close()])
      await Promise.all([database.close(), reports.close()])
    },
  }
}

/** What the app works with as far as its settings alone say it. */
function depsOf(config: GatewayConfig) {
  return {
    hosts: new Set([new URL(config.PUBLIC_URL).host, ...config.ALLOWED_HOSTS].map((host) => host.toLowerCase())),
    clientIp: trustProxies(config.TRUSTED_PROXIES),
    logRequests: config.LOG_REQUESTS,
    idempotencyKey: deriveKey(config.MASTER_KEY, 'idempotency-body'),
    sealer: createFactorSealer(config),
    exportSealer: createExportSealer(config),
    closingDays: config.ACCOUNT_CLOSING_DAYS,
    webhookSealer: createWebhookSealer(config),
    riskPolicy: {
      low: config.RISK_LOW,
      medium: config.RISK_MEDIUM,
      high: config.RISK_HIGH,
      repeatSeconds: config.RISK_REPEAT_SECONDS,
    },
    leakedClients: config.LEAKED_CLIENT_SECRETS,
    githubKeys: createGithubKeys({ url: new URL(config.GITHUB_KEYS_URL), monotonicMs: systemClock.monotonicMs }),
    auditKeys: createAuditKeys(config),
    signingKeys: createSigningKeys(config).published,
    watchKeys: deriveKeys(config, watchTokenPurpose),
    origin: new URL(config.PUBLIC_URL).origin,
    bodyBytesMost: config.BODY_BYTES_MOST,
    pages: {
      productName: config.PRODUCT_NAME,
      publicUrl: new URL(config.PUBLIC_URL),
      passwordProfile: config.PASSWORD_PROFILE,
      passwordLengthLeast: config.PASSWORD_LENGTH_LEAST,
    },
  }
}

/** The check of new passwords, with the breach service where one is configured. */
function createVetter(config: GatewayConfig, log: Logger): PasswordVetter {
  const breach = createBreachCheck({
    baseUrl: config.BREACH_CHECK_URL === undefined ? undefined : new URL(config.BREACH_CHECK_URL),
    timeoutMs: config.BREACH_CHECK_TIMEOUT_MS,
    onAway: (reason) => log.warn({ reason }, 'the breach check gave no answer'),
  })
  return createPasswordVetter({
    profile: config.PASSWORD_PROFILE,
    minimumLength: config.PASSWORD_LENGTH_LEAST,
    contextWords: config.CONTEXT_WORDS,
    breach,
  })
}

function portOf(server: Server): number | undefined {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : undefined
}
