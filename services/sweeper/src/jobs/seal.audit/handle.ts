import { findSealHead, measureUnsealed, purgeAudit } from '@portcullis/db/queries/audit-seal'
import type { AuditKeys } from '@portcullis/domain/audit/key'
import { sealEvents } from '@portcullis/domain/audit/seal'
import type { SequenceHandler } from '@portcullis/queue/handler'
import { done, skip } from '@portcullis/queue/outcome'
import { meter } from '@portcullis/runtime/metrics'

/** Events of one seal: about 50 ms of work, and what an export holds in memory at a time. */
const sealEventsMost = 1000

/** Seals that leave in one run: a hundredth of a second of work, and more than a run makes. */
const purgedSealsMost = 20

/** Beyond that the backlog is not counted on. */
const countedMost = 10_000

const sealedCounter = meter().createCounter('portcullis_audit_sealed', {
  description: 'Audit events that this process has sealed',
})
const unsealedGauge = meter().createGauge('portcullis_audit_unsealed', {
  description: `Audit events that wait to be sealed, counted up to ${countedMost}, after the last run of this process`,
})
const oldestGauge = meter().createGauge('portcullis_audit_unsealed_seconds', {
  description: 'Age of the oldest of them. Grows while a transaction stays open that may still add to them',
})

/** What `handleSealAudit` works with. */
export interface SealDeps {
  readonly keys: AuditKeys
  /** Events older than that leave, with their seals. */
  readonly keepDays: number
  /** Default 1,000. */
  readonly sealEventsMost?: number
}

/**
 * Seals what can be sealed, one seal a transaction, until nothing is left. One sealer at a time: others skip. Then takes away
 * what is too old, whole seals only.
 */
export function handleSealAudit({
  keys,
  keepDays,
  sealEventsMost: most = sealEventsMost,
}: SealDeps): SequenceHandler<'seal.audit'> {
  return {
    kind: 'sequence',
    leaseSeconds: 30,
    async run(_job, step) {
      for (;;) {
        const sealed = await step((tx) => sealEvents(tx, keys, most))
        if (sealed.kind === 'busy') return skip('busy')
        sealedCounter.add(sealed.events)
        if (sealed.events < most) break
      }
      const backlog = await step(async (tx) =>
        measureUnsealed(tx, (await findSealHead(tx))?.after ?? null, countedMost),
      )
      await step((tx) => purgeAudit(tx, keepDays, purgedSealsMost))
      unsealedGauge.record(backlog.events)
      oldestGauge.record(backlog.oldestSeconds)
      return done
    },
  }
}
