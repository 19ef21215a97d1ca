import type { Id } from '@portcullis/contracts/ids'
import { countOutdatedSecrets, type SealedColumn, sealedColumns } from '@portcullis/db/queries/sealed-secret'
import { resealSecrets } from '@portcullis/domain/secret/reseal'
import type { SequenceHandler, Step } from '@portcullis/queue/handler'
import { done } from '@portcullis/queue/outcome'
import type { Logger } from '@portcullis/runtime/log'
import { meter } from '@portcullis/runtime/metrics'
import type { Sealer } from '@portcullis/runtime/seal'

/** Secrets of one short transaction: about 20 ms, which is the longest that a login with a code may wait for it. */
const chunkRows = 200

const outdatedGauge = meter().createGauge('portcullis_secrets_outdated', {
  description: 'Secrets that are not sealed under the newest key, as the last look of this process found them',
})
const unopenableGauge = meter().createGauge('portcullis_secrets_unopenable', {
  description: 'Secrets that no key of this process opens, as the last look of this process found them',
})

/** What `handleResealSecrets` works with. */
export interface ResealDeps {
  /** What seals the secrets of each table. */
  readonly sealers: Readonly<Record<SealedColumn['table'], Sealer>>
  readonly log: Logger
  /** Default 200. */
  readonly chunkRows?: number
}

/** What one walk over a column came to. */
interface Walk {
  readonly resealed: number
  readonly unopenable: number
}

/** Seals all secrets under the newest key, chunk by chunk, and tells how many are left. A run that is resumed goes on. */
export function handleResealSecrets(deps: ResealDeps): SequenceHandler<'reseal.secrets'> {
  const { sealers, log } = deps
  const most = deps.chunkRows ?? chunkRows

  async function walk(jobId: Id<'job'>, at: SealedColumn, step: Step): Promise<Walk> {
    let resealed = 0
    let unopenable = 0
    for (let after: string | undefined; ;) {
      const from = after
      const chunk = await step((tx) => resealSecrets(tx, sealers[at.table], { jobId, at, after: from, most }))
      resealed += chunk.resealed
      unopenable += chunk.unopenable.length
      if (chunk.unopenable.length > 0) {
        log.error({ table: at.table, rowIds: chunk.unopenable }, 'a secret cannot be opened; it was left as it is')
      }
      after = chunk.after
      if (after === undefined) return { resealed, unopenable }
    }
  }

  async function resealColumn(jobId: Id<'job'>, at: SealedColumn, step: Step): Promise<void> {
    const labels = { table: at.table, column: at.column }
    const countLeft = () => step((tx) => countOutdatedSecrets(tx, at, sealers[at.table].newestPrefix))
    let left = await countLeft()
    let unopenable = 0
    while (left > unopenable) {
      const walked = await walk(jobId, at, step)
      left = await countLeft()
      unopenable = walked.unopenable
      log.info({ ...labels, resealed: walked.resealed, left, unopenable }, 'secrets were sealed under the newest key')
      // Whatever somebody held is taken by the next walk, or by the next tick.
      if (walked.resealed === 0) break
    }
    outdatedGauge.record(left, labels)
    unopenableGauge.record(unopenable, labels)
  }

  return {
    kind: 'sequence',
    leaseSeconds: 30,
    async run(job, step) {
      for (const at of sealedColumns) await resealColumn(job.id, at, step)
      return done
    },
  }
}
