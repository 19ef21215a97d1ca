import type { Id } from '@portcullis/contracts/ids'
import {
  countAttempts,
  type DeliveryResult,
  type DueDelivery,
  listDueDeliveries,
  updateDeliveries,
} from '@portcullis/db/queries/webhook-delivery'
import type { Tx } from '@portcullis/db/transaction'
import type { Sealer } from '@portcullis/runtime/seal'
import type { FormOf, PreparedDelivery } from './delivery.ts'
import { webhookForm } from './form.ts'
import type { Lanes } from './lanes.ts'
import { resumeLockdowns } from './record.ts'

/** What is to be done on a delivery. `dead`: it was given up just now. */
export type Preparation =
  | { readonly kind: 'ready'; readonly delivery: PreparedDelivery }
  | { readonly kind: 'busy' | 'over' | 'unknown_format' }
  | { readonly kind: 'dead'; readonly code: string }

/** What deliveries are prepared with. */
export interface PrepareDeliveriesOptions {
  readonly lanes: Lanes
  readonly sealer: Sealer
  /** Makes security event tokens, in a release that has them. */
  readonly securityEventForm?: FormOf
}

/**
 * Reads deliveries and counts an attempt of those that may be tried now, in the caller's transaction; answers by place.
 * What its endpoint has no room for waits; what can never be told is given up.
 */
export async function prepareDeliveries(
  tx: Tx,
  ids: readonly Id<'webhookDelivery'>[],
  options: PrepareDeliveriesOptions,
): Promise<Preparation[]> {
  const due = await listDueDeliveries(tx, ids)
  const planned = new Map<string, number>()
  let plannedAll = 0
  const answers = ids.map((id): Preparation => {
    const delivery = due.get(id)
    // Named twice in one batch: once is enough.
    if (!delivery || !due.delete(id)) return { kind: 'over' }
    if (delivery.endpointState === 'disabled') return { kind: 'dead', code: 'endpoint_disabled' }
    const { endpointId } = delivery
    const beside = planned.get(endpointId) ?? 0
    if (!options.lanes.hasRoom(endpointId, beside, plannedAll)) return { kind: 'busy' }
    const preparation = prepare(delivery, options)
    if (preparation.kind === 'ready') {
      planned.set(endpointId, beside + 1)
      plannedAll += 1
    }
    return preparation
  })
  await countAttempts(
    tx,
    answers.flatMap((answer) => (answer.kind === 'ready' ? [answer.delivery.id] : [])),
  )
  await giveUp(tx, ids, answers)
  return answers
}

function prepare(delivery: DueDelivery, { sealer, securityEventForm }: PrepareDeliveriesOptions): Preparation {
  const formOf = delivery.format === 'webhook' ? webhookForm(sealer) : securityEventForm
  if (!formOf) return { kind: 'unknown_format' }
  const form = formOf(delivery)
  if (!form) return { kind: 'dead', code: 'event_untold' }
  const { id, endpointId, endpointFailing, lockdownId, url, attempts } = delivery
  const ready = { id, endpointId, endpointFailing, lockdownId, attempts: attempts + 1, url, form }
  return { kind: 'ready', delivery: ready }
}

async function giveUp(tx: Tx, ids: readonly Id<'webhookDelivery'>[], answers: readonly Preparation[]): Promise<void> {
  const dead = answers.flatMap((answer, place): DeliveryResult[] => {
    const id = ids[place]
    if (answer.kind !== 'dead' || id === undefined) return []
    return [{ id, state: 'dead', status: null, errorCode: answer.code, retryMs: null }]
  })
  if (dead.length > 0) await resumeLockdowns(tx, await updateDeliveries(tx, dead))
}
