import { listSeals, updateSealAnchored } from '@portcullis/db/queries/audit-seal'
import type { Tx } from '@portcullis/db/transaction'
import { signWebhook } from '../webhook/signature.ts'
import { sealLine } from './export.ts'

/** A seal that is to be posted. */
export interface AnchorPost {
  readonly seal: number
  /** The same for every attempt. */
  readonly id: string
  readonly body: string
}

/** Prepares the newest seal; `undefined` where there is none, or the anchor has it. */
export async function prepareAnchor(tx: Tx): Promise<AnchorPost | undefined> {
  const [seal] = await listSeals(tx, null, 1)
  if (seal === undefined || seal.anchoredAt !== null) return undefined
  const { kind: _kind, ...content } = sealLine(seal)
  return { seal: seal.seal, id: `seal_${seal.seal}`, body: JSON.stringify({ type: 'audit.sealed', data: content }) }
}

/** The headers of an attempt. Source: Standard Webhooks 1.0.0. */
export function anchorHeaders(secret: Uint8Array, { id, body }: AnchorPost, now: Date): Record<string, string> {
  const timestampSeconds = Math.floor(now.getTime() / 1000)
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Portcullis-Audit/1',
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signWebhook([secret], { id, timestampSeconds, body }),
  }
}

/**
 * Notes that the anchor has it. No audit event: it would be sealed, and that seal anchored, and so on for ever; `anchored_at`
 * is the record.
 */
export async function recordAnchored(tx: Tx, { seal }: AnchorPost): Promise<void> {
  await updateSealAnchored(tx, seal)
}
