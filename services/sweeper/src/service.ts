import { connectDatabase } from '@portcullis/db/connect'
import { createAuditKeys } from '@portcullis/domain/audit/key'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { createExportSealer } from '@portcullis/domain/export/sealing'
import { createSweeps } from '@portcullis/domain/sweep/catalogue'
import { createLagProbe } from '@portcullis/domain/sweep/lag'
import type { Retention } from '@portcullis/domain/sweep/retention'
import { createFactorSealer } from '@portcullis/domain/two-factor/secret'
import { createWebhookSealer } from '@portcullis/domain/webhook/secret'
import type { HandlersFor } from '@portcullis/queue/handler'
import { createWorkerService } from '@portcullis/queue/worker-service'
import { systemClock } from '@portcullis/runtime/clock'
import { createOutbound } from '@portcullis/runtime/outbound'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import { anchorTarget } from './anchor-setting.ts'
import type { SweeperConfig } from './config.ts'
import { handleAnchorSeal } from './jobs/anchor.seal/handle.ts'
import { handleCloseAccounts } from './jobs/close.accounts/handle.ts'
import { handleMakeExport } from './jobs/make.export/handle.ts'
import { handlePurgeExpired } from './jobs/purge.expired/handle.ts'
import { handleResealSecrets } from './jobs/reseal.secrets/handle.ts'
import { handleSealAudit } from './jobs/seal.audit/handle.ts'
import { handleSweepSessions } from './jobs/sweep.sessions/handle.ts'
import { createSweepRunner } from './run-sweep.ts'

/** Builds and starts the sweeper. Any number may run beside each other. */
export function createService(base: ServiceBase & { readonly config: SweeperConfig }): Promise<RunningService> {
  const { config, log } = base
  return createWorkerService('sweeper', base, () => {
    // A connection that no chunk is ever before: what it waits for is what a login waits for.
    const probed = connectDatabase({ url: config.DATABASE_URL.reveal(), name: 'sweeper probe', poolSize: 1 })
    const sweeps = createSweeps(retentionOf(config), sessionLimits)
    const run = createSweepRunner({
      probe: createLagProbe(probed, systemClock, {
        roundTripMs: config.SWEEP_ROUND_TRIP_MS,
        securityJobSeconds: config.SWEEP_SECURITY_JOB_SECONDS,
      }),
      clock: systemClock,
      log,
      pauseMs: 250,
      pauseMsMost: 4000,
      heldMsMost: config.SWEEP_HELD_SECONDS * 1000,
    })
    // The anchor's address is the operator's own: a witness may well stand inside.
    const outbound = createOutbound({ allowPrivate: true })
    const handlers: HandlersFor<'sweeper'> = {
      'seal.audit': handleSealAudit({ keys: createAuditKeys(config), keepDays: config.AUDIT_DAYS }),
      'anchor.seal': handleAnchorSeal({ target: anchorTarget(config), outbound, clock: systemClock }),
      'sweep.sessions': handleSweepSessions(sweeps, run),
      'purge.expired': handlePurgeExpired(sweeps, run),
      'close.accounts': handleCloseAccounts({ log }),
      'make.export': handleMakeExport({ sealer: createExportSealer(config), clock: systemClock }),
      'reseal.secrets': handleResealSecrets({
        sealers: { totp_factors: createFactorSealer(config), webhook_endpoints: createWebhookSealer(config) },
        log,
      }),
    }
    return { handlers, concurrency: config.JOBS_AT_ONCE, close: () => Promise.all([probed.close(), outbound.close()]) }
  })
}

function retentionOf(config: SweeperConfig): Retention {
  return {
    credentialDays: config.CREDENTIAL_DAYS,
    resetDays: config.RESET_DAYS,
    deliveryDays: config.DELIVERY_DAYS,
    loginDays: config.LOGIN_HISTORY_DAYS,
    noticeDays: config.NOTICE_DAYS,
    signalDays: config.SIGNAL_DAYS,
    rentalDays: config.RENTAL_DAYS,
    deviceDays: config.DEVICE_DAYS,
    operationDays: config.OPERATION_DAYS,
    ledgerDays: config.LEDGER_DAYS,
  }
}
