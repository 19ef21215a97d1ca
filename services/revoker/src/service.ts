import { connectDatabase, storeAnswers } from '@portcullis/db/connect'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { createLagProbe } from '@portcullis/domain/sweep/lag'
import type { HandlersFor } from '@portcullis/queue/handler'
import { startWorker } from '@portcullis/queue/worker'
import { systemClock } from '@portcullis/runtime/clock'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import type { RevokerConfig } from './config.ts'
import { handleRunRevocation } from './jobs/run.revocation/handle.ts'
import { createShardRunner } from './run-shard.ts'

/** Builds and starts the revoker. Any number may run beside each other: they share the shards. */
export async function createService({
  config,
  log,
  giveUp,
}: ServiceBase & { readonly config: RevokerConfig }): Promise<RunningService> {
  const databaseUrl = config.DATABASE_URL.reveal()
  const database = connectDatabase({ url: databaseUrl, name: 'revoker', poolSize: config.DATABASE_POOL })
  // A connection that no chunk is ever before: what it waits for is what a login waits for.
  const probed = connectDatabase({ url: databaseUrl, name: 'revoker probe', poolSize: 1 })
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
  const worker = startWorker({
    service: 'revoker',
    handlers,
    database,
    databaseUrl,
    redisUrl: config.REDIS_URL?.reveal(),
    log,
    concurrency: config.REVOKER_SHARDS_AT_ONCE,
    prefix: config.QUEUE_PREFIX,
    onWedged: giveUp,
  })
  return {
    ready: () => storeAnswers(database),
    async stop() {
      await worker.stop()
      await Promise.all([database.close(), probed.close()])
    },
  }
}
