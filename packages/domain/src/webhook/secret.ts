import type { Id } from '@portcullis/contracts/ids'
import { type MasterKeys, sealingKeys } from '@portcullis/runtime/master-key-ring'
import { randomBytesOf } from '@portcullis/runtime/random'
import { createSealer, sealedPlace, type Sealer } from '@portcullis/runtime/seal'

const prefix = 'whsec_'
const secretBytes = 32

/** The sealer of endpoints' secrets. */
export function createWebhookSealer(keys: MasterKeys): Sealer {
  return createSealer({ keys: sealingKeys(keys, 'webhook-secret') })
}

/** A new secret of an endpoint: 256 bits. Source: Standard Webhooks 1.0.0 (24 to 64 bytes), OWASP ASVS 5 11.5.1. */
export function newWebhookSecret(): Uint8Array {
  return randomBytesOf(secretBytes)
}

/** A secret as its receiver is shown it, once. */
export function formatWebhookSecret(secret: Uint8Array): string {
  return prefix + Buffer.from(secret).toString('base64')
}

/** The columns that hold one. */
export type SecretColumn = 'secret_sealed' | 'former_secret_sealed' | 'authorization_sealed'

/** Seals a secret, bound to its endpoint and column. */
export function sealWebhookSecret(
  sealer: Sealer,
  id: Id<'webhookEndpoint'>,
  secret: Uint8Array,
  column: SecretColumn = 'secret_sealed',
): string {
  return sealer.seal(secret, sealedPlace('webhook_endpoints', column, id))
}

/** Opens it. */
export function openWebhookSecret(
  sealer: Sealer,
  id: Id<'webhookEndpoint'>,
  sealed: string,
  column: SecretColumn = 'secret_sealed',
): Uint8Array {
  return sealer.open(sealed, sealedPlace('webhook_endpoints', column, id))
}
