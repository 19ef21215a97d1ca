import { securityEventTypes } from '@portcullis/contracts/security-event'
import type { AppDeps } from '../../app-deps.ts'
import type { Route } from '../../http/mount.ts'

/** So long receivers may keep it, and so long a new key is not yet known to all of them. */
const cacheSeconds = 300

/** `GET /.well-known/jwks.json`. */
export function getSigningKeysRoute({ signingKeys }: Pick<AppDeps, 'signingKeys'>): Route<'getSigningKeys'> {
  return async () => ({ status: 200, body: { keys: signingKeys }, cacheSeconds })
}

/** `GET /.well-known/ssf-configuration`. */
export function getSsfConfigurationRoute({ origin }: Pick<AppDeps, 'origin'>): Route<'getSsfConfiguration'> {
  return async () => ({
    status: 200,
    body: {
      spec_version: '1_0',
      issuer: origin,
      jwks_uri: `${origin}/.well-known/jwks.json`,
      delivery_methods_supported: ['urn:ietf:rfc:8935'],
      default_subjects: 'ALL',
      critical_subject_members: ['user'],
      portcullis_events_supported: securityEventTypes,
    },
    cacheSeconds,
  })
}
