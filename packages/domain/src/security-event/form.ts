import type { Sealer } from '@portcullis/runtime/seal'
import type { FormOf } from '../webhook/delivery.ts'
import { openWebhookSecret } from '../webhook/secret.ts'
import type { SigningKeys } from './signing-key.ts'
import { securityEventToken } from './token.ts'

/** What security events are sent with. */
export interface SecurityEventFormOptions {
  readonly issuer: string
  readonly keys: SigningKeys
  readonly sealer: Sealer
}

/** Makes pushes of security event tokens: the body is the token, each attempt the same. Source: RFC 8935 2.1. */
export function securityEventForm({ issuer, keys, sealer }: SecurityEventFormOptions): FormOf {
  return (delivery) => {
    const token = securityEventToken({ delivery, issuer, keys })
    if (token === undefined) return undefined
    const headers = {
      'content-type': 'application/secevent+jwt',
      accept: 'application/json',
      'user-agent': 'Portcullis-Security-Events/1',
      ...authorizationOf(sealer, delivery),
    }
    return () => ({ headers, body: token, wantsRefusal: true })
  }
}

function authorizationOf(
  sealer: Sealer,
  { endpointId, authorizationSealed }: Parameters<FormOf>[0],
): Record<string, string> {
  if (authorizationSealed === null) return {}
  const value = openWebhookSecret(sealer, endpointId, authorizationSealed, 'authorization_sealed')
  return { authorization: Buffer.from(value).toString('utf8') }
}
