import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import { lockWebhookEndpoint, updateWebhookSecret } from '@portcullis/db/queries/webhook-endpoint'
import type { Tx } from '@portcullis/db/transaction'
import type { Sealer } from '@portcullis/runtime/seal'
import { recordFacts } from '../audit/record.ts'
import type { IssuedWebhook } from './create.ts'
import { type AskingAdmin, endpointFact } from './fact.ts'
import { formatWebhookSecret, newWebhookSecret, openWebhookSecret, sealWebhookSecret } from './secret.ts'

/** How long a former secret signs as well, unless said otherwise. */
export const secretOverlapSeconds = 86_400

/**
 * Gives an endpoint a new secret, in the caller's transaction; the former one signs beside it for the overlap, and one
 * that did so until now ends. Throws `Failure`: `not_found`, `credential_required`.
 */
export async function rotateWebhookSecret(
  tx: Tx,
  sealer: Sealer,
  id: Id<'webhookEndpoint'>,
  overlapSeconds: number,
  admin: AskingAdmin,
): Promise<IssuedWebhook> {
  if (!(await lockSessionAccount(tx, admin.session))) throw new Failure('credential_required')
  const present = await lockWebhookEndpoint(tx, id)
  // A receiver of security events has none: its tokens are signed by a key of the house.
  if (!present || present.secretSealed === null) throw new Failure('not_found')
  const secret = newWebhookSecret()
  const former = openWebhookSecret(sealer, id, present.secretSealed)
  const endpoint = await updateWebhookSecret(tx, id, {
    sealed: sealWebhookSecret(sealer, id, secret),
    formerSealed: sealWebhookSecret(sealer, id, former, 'former_secret_sealed'),
    overlapSeconds,
  })
  if (!endpoint) throw new Failure('not_found')
  await recordFacts(tx, [endpointFact('webhook_secret_rotated', admin, id, { overlapSeconds })])
  return { endpoint, secret: formatWebhookSecret(secret) }
}
