import type { Id } from '@portcullis/contracts/ids'
import { giveUpLockdownDeliveries, updateDeliveries } from '@portcullis/db/queries/webhook-delivery'
import {
  type EndpointVerdict,
  type GivenUpEndpoint,
  updateEndpointHealth,
} from '@portcullis/db/queries/webhook-endpoint'
import type { Tx } from '@portcullis/db/transaction'
import { randomFraction } from '@portcullis/runtime/random'
import { type Fact, recordFacts } from '../audit/record.ts'
import { enqueue } from '../job/enqueue.ts'
import type { PreparedDelivery } from './delivery.ts'
import { type AttemptEnd, type AttemptVerdict, judgeAttempt, patienceSeconds } from './schedule.ts'

/** A delivery that was tried. */
export interface TriedDelivery {
  readonly delivery: PreparedDelivery
  readonly end: AttemptEnd
}

/**
 * Records attempts, in the caller's transaction, and answers by place what follows: what is dead has an audit event, an
 * endpoint that is gone or has failed for five days is disabled and support told, a lockdown that waited goes on.
 */
export async function recordDeliveries(tx: Tx, tried: readonly TriedDelivery[], now: Date): Promise<AttemptVerdict[]> {
  const judged = tried.map((one) => ({
    ...one,
    verdict: judgeAttempt(one.end, one.delivery.attempts, now, randomFraction()),
  }))
  const lockdowns = await updateDeliveries(
    tx,
    judged.map(({ delivery, end, verdict }) => ({
      id: delivery.id,
      state: verdict.kind === 'retry' ? ('pending' as const) : verdict.kind,
      status: end.kind === 'answered' ? end.status : null,
      errorCode: verdict.kind === 'delivered' ? null : verdict.code,
      retryMs: verdict.kind === 'retry' ? verdict.delayMs : null,
    })),
  )
  const givenUp = await updateEndpointHealth(tx, verdictsByEndpoint(judged), patienceSeconds)
  for (const { id } of givenUp) {
    lockdowns.push(...(await giveUpLockdownDeliveries(tx, id)))
    await enqueue(tx, 'tell.support', { webhookEndpointId: id }, undefined)
  }
  await recordFacts(tx, [
    ...judged.flatMap(({ delivery, verdict }) => (verdict.kind === 'dead' ? [deadFact(delivery, verdict.code)] : [])),
    ...givenUp.map(disabledFact),
  ])
  await resumeLockdowns(tx, lockdowns)
  return judged.map(({ verdict }) => verdict)
}

/** Says that something which lockdowns may have waited for has come to its end. */
export async function resumeLockdowns(tx: Tx, ids: readonly Id<'lockdown'>[]): Promise<void> {
  for (const lockdownId of new Set(ids)) await enqueue(tx, 'run.lockdown', { lockdownId }, undefined)
}

type Judged = TriedDelivery & { readonly verdict: AttemptVerdict }

function verdictsByEndpoint(judged: readonly Judged[]): EndpointVerdict[] {
  // Whoever was well and is well needs no word.
  const news = judged.filter(({ delivery, verdict }) => delivery.endpointFailing || verdict.kind !== 'delivered')
  const touched = new Set(news.map(({ delivery }) => delivery.endpointId))
  const relevant = judged.filter(({ delivery }) => touched.has(delivery.endpointId))
  const byEndpoint = Map.groupBy(relevant, ({ delivery }) => delivery.endpointId)
  return [...byEndpoint].map(([id, all]) => ({
    id,
    failures: all.filter(({ verdict }) => verdict.kind !== 'delivered').length,
    alive: all.some(({ verdict }) => verdict.kind === 'delivered'),
    gone: all.some(({ verdict }) => verdict.kind === 'dead' && verdict.gone),
  }))
}

function deadFact({ id, endpointId, attempts }: PreparedDelivery, code: string): Fact {
  return {
    action: 'webhook_dead',
    accountId: null,
    actor: 'system',
    subject: { kind: 'webhook_endpoint', id: endpointId },
    details: { deliveryId: id, attempts, code },
  }
}

function disabledFact({ id, because }: GivenUpEndpoint): Fact {
  return {
    action: 'webhook_endpoint_disabled',
    accountId: null,
    actor: 'system',
    subject: { kind: 'webhook_endpoint', id },
    details: { because },
  }
}
