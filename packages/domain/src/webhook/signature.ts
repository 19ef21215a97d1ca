import { hmacSha256 } from '@portcullis/runtime/digest'

/** What is signed: `id` is the same for every attempt, `timestampSeconds` is the attempt's. */
export interface SignedMessage {
  readonly id: string
  readonly timestampSeconds: number
  readonly body: string
}

/**
 * The value of `webhook-signature`: one `v1` signature under each key, the newest first, separated by spaces. Throws
 * `RangeError` for an id with a `.` within, which would let two messages share a signature.
 * Source: Standard Webhooks 1.0.0.
 */
export function signWebhook(keys: readonly Uint8Array[], { id, timestampSeconds, body }: SignedMessage): string {
  if (id.includes('.')) throw new RangeError('the id of a webhook has no "."')
  const content = `${id}.${timestampSeconds}.${body}`
  return keys.map((key) => `v1,${hmacSha256(key, content).toString('base64')}`).join(' ')
}
