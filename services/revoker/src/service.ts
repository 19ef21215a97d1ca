import { connectDatabase } from '@portcullis/db/connect'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { createLagProbe } from '@portcullis/domain/sweep/lag'
import type { HandlersFor } from '@portcullis/queue/handler'
import { createWorkerService } from '@portcullis/queue/worker-service'
import { systemClock } from '@portcullis/runtime/clock'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import type { RevokerConfig } from './config.ts'
import { handleRunRevocation } from './jobs/run.revocation/handle.ts'
import { createShardRunner } from './run-shard.ts'

/** Builds and starts the revoker. Any number may run beside each other: they share the shards. */
export function createService(base: ServiceBase & { readonly config: RevokerConfig }): Promise<RunningService> {
  const { config, log } = base
  return createWorkerService('revoker', base, () => {
    // A connection that no chunk is ever before: what it waits for is what a login waits for.
    const probed = connectDatabase({ url: config.DATABASE_URL.reveal(), name: 'revoker probe', poolSize: 1 })
    const run = createShardRunner({
      probe: createLagProbe(probed, systemClock, {
        roundTripMs: config.REVOKER_ROUND_TRIP_MS,
        securityJobSeconds: config.REVOKER_SECURITY_JOB_SECONDS,
      }),
      clock: systemClock,
      log,
      limits: sessionLimits,
      leaseSeconds: config.REVOKER_LEASE_SECONDS,
      pauseMs: 250,
    })
    const handlers: HandlersFor<'revoker'> = {
      'run.revocation': handleRunRevocation({ run, leaseSeconds: config.REVOKER_LEASE_SECONDS }),
    }
    return { handlers, concurrency: config.REVOKER_SHARDS_AT_ONCE, close: () => probed.close() }
  })
}
