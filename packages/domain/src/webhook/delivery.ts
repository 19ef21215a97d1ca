import type { Id } from '@portcullis/contracts/ids'
import type { DueDelivery } from '@portcullis/db/queries/webhook-delivery'

/** What is posted, made for the moment of an attempt. */
export interface DeliveryForm {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Whether a refusal says why, in its body. */
  readonly wantsRefusal?: boolean
}

/** Makes the form of a delivery of its format; `undefined` where its event is not told (any more). */
export type FormOf = (delivery: DueDelivery) => ((now: Date) => DeliveryForm) | undefined

/** A delivery that is about to be tried. */
export interface PreparedDelivery {
  readonly id: Id<'webhookDelivery'>
  readonly endpointId: Id<'webhookEndpoint'>
  /** The last attempt at its endpoint failed. */
  readonly endpointFailing: boolean
  readonly lockdownId: Id<'lockdown'> | null
  /** This one included. */
  readonly attempts: number
  readonly url: string
  readonly form: (now: Date) => DeliveryForm
}
