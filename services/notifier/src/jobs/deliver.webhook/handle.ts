import type { PreparedDelivery } from '@portcullis/domain/webhook/delivery'
import { type Preparation, prepareDeliveries, type PrepareDeliveriesOptions } from '@portcullis/domain/webhook/prepare'
import { recordDeliveries } from '@portcullis/domain/webhook/record'
import type { AttemptVerdict } from '@portcullis/domain/webhook/schedule'
import { effect, planned, type Planned } from '@portcullis/queue/handler'
import { done, later, type Outcome, skip } from '@portcullis/queue/outcome'
import type { Clock } from '@portcullis/runtime/clock'
import type { Logger } from '@portcullis/runtime/log'
import type { Outbound, OutboundAnswer } from '@portcullis/runtime/outbound'
import { randomFraction } from '@portcullis/runtime/random'

/** What deliveries are made with. */
export interface WebhookDeps extends PrepareDeliveriesOptions {
  readonly outbound: Outbound
  readonly clock: Clock
  readonly log: Logger
  /** An attempt is over by then. */
  readonly actSeconds: number
}

/** A lane that is full is looked at again after a quarter to three quarters of a second. */
const busyMs = 250

/** A format that this release does not make waits for one that does. */
const unknownFormatMs = 60_000

/** Posts an event to one endpoint: at least once, under one `webhook-id`, until it is taken or its schedule is over. */
export function handleDeliverWebhook(deps: WebhookDeps) {
  return effect<'deliver.webhook', PreparedDelivery, OutboundAnswer>({
    actSeconds: deps.actSeconds,

    async claim(tx, jobs) {
      const ids = jobs.map((job) => job.payload.deliveryId)
      const preparations = await prepareDeliveries(tx, ids, deps)
      return preparations.map((preparation, place) => {
        if (preparation.kind === 'dead')
          deps.log.warn({ deliveryId: ids[place], code: preparation.code }, 'webhook is dead')
        return claimOf(preparation)
      })
    },

    act: (delivery, signal) =>
      deps.lanes.run(delivery.endpointId, () =>
        deps.outbound.post({ url: delivery.url, ...delivery.form(deps.clock.now()) }, signal),
      ),

    async record(tx, acted) {
      const tried = acted.map(({ plan, receipt }) => ({ delivery: plan, end: receipt }))
      const verdicts = await recordDeliveries(tx, tried, deps.clock.now())
      return verdicts.map((verdict, place) => {
        if (verdict.kind === 'dead') {
          const delivery = acted[place]?.plan
          deps.log.warn(
            { deliveryId: delivery?.id, endpointId: delivery?.endpointId, code: verdict.code },
            'webhook is dead',
          )
        }
        return outcomeOf(verdict)
      })
    },
  })
}

function claimOf(preparation: Preparation): Planned<PreparedDelivery> | Outcome {
  switch (preparation.kind) {
    case 'ready':
      return planned(preparation.delivery)
    case 'busy':
      return later(busyMs * (1 + 2 * randomFraction()), 'endpoint_busy')
    case 'unknown_format':
      return later(unknownFormatMs, 'format_unknown')
    case 'over':
      return skip('over')
    case 'dead':
      return skip(preparation.code)
  }
}

function outcomeOf(verdict: AttemptVerdict): Outcome {
  if (verdict.kind === 'delivered') return done
  return verdict.kind === 'retry' ? later(verdict.delayMs, verdict.code) : skip(verdict.code)
}
