import { asId, formatId } from '@portcullis/contracts/ids'
import { type SecurityEventRule, securityEventOf } from '@portcullis/contracts/security-event'
import { publicSubjectId } from '@portcullis/contracts/webhook-event'
import type { DueDelivery } from '@portcullis/db/queries/webhook-delivery'
import type { SigningKeys } from './signing-key.ts'

/** What a token is made from. */
export interface TokenSource {
  readonly delivery: Pick<DueDelivery, 'id' | 'endpointId' | 'audience' | 'event'>
  /** `iss`: this server, as receivers know it. */
  readonly issuer: string
  readonly keys: SigningKeys
}

/**
 * Makes the signed token of a delivery; `undefined` where its event is not told to receivers of security events (any more). The same delivery
 * always makes the same token under the same key, so a repeat is known by its `jti`. Exactly one event; opaque ids only;
 * never `sub` nor `exp`. Source: RFC 8417; OpenID SSF 1.0 (SET profile).
 */
export function securityEventToken({ delivery, issuer, keys }: TokenSource): string | undefined {
  const { event } = delivery
  const rule = securityEventOf(event.action)
  const subject = rule && subjectOf(rule, delivery)
  if (!rule || !subject) return undefined
  const claims = rule.claims({ ...event, publicId: formatId('auditEvent', event.id) })
  const issuedAt = Math.floor(event.occurredAt.getTime() / 1000)
  const header = { alg: 'EdDSA', kid: keys.kid, typ: 'secevent+jwt' }
  const payload = {
    iss: issuer,
    iat: issuedAt,
    jti: formatId('webhookDelivery', delivery.id),
    aud: delivery.audience,
    txn: txnOf(event),
    sub_id: subject,
    events: { [rule.type]: claims },
  }
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${keys.sign(signed).toString('base64url')}`
}

/** One for all that has one cause: a lockdown's own, else the request that it came from, else the event itself. */
function txnOf(event: DueDelivery['event']): string {
  const { txn } = event.details
  return typeof txn === 'string' ? txn : (event.requestId ?? formatId('auditEvent', event.id))
}

/** Source: RFC 9493 (opaque); OpenID SSF 1.0 (complex subjects). */
function subjectOf(rule: SecurityEventRule, { endpointId, event }: TokenSource['delivery']) {
  if (rule.about === 'stream') return opaque(formatId('webhookEndpoint', endpointId))
  if (event.accountId === null) return undefined
  const user = opaque(formatId('account', event.accountId))
  if (rule.about === 'account') return user
  if (event.subjectKind !== 'session') return undefined
  return { format: 'complex', session: opaque(publicSubjectId('session', asId('session', event.subjectId))), user }
}

function opaque(id: string) {
  return { format: 'opaque', id }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')
}
