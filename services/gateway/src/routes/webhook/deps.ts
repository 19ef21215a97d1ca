import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import type { Outbound } from '@portcullis/runtime/outbound'
import type { Sealer } from '@portcullis/runtime/seal'

/** What routes of webhooks work with. */
export interface WebhookRouteDeps {
  readonly database: Database
  readonly webhookSealer: Sealer
  readonly outbound: Pick<Outbound, 'check'>
  /** Bodies of keyed requests are told apart by an HMAC under it. */
  readonly idempotencyKey: Uint8Array
}

/** Refuses an address that may not be called, naming the rule. Looks its host up, so it may take a moment. */
export async function requireCallable(outbound: Pick<Outbound, 'check'>, url: string): Promise<void> {
  const fault = await outbound.check(url)
  if (fault) throw new Failure('validation_failed', { faults: [{ pointer: '/url', ...fault }] })
}
