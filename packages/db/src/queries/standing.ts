import type { Queries } from '../connect.ts'
import type { SessionLimits } from './session.ts'

/**
 * What a bulk revocation takes for a living credential: not revoked, not run out, within both fences, whatever the state of its
 * account, which must be there as `account`. `globalEpoch`: the house's epoch that counts; null for the present one.
 */
export function isStandingSession(queries: Queries, limits: SessionLimits, globalEpoch: number | null = null) {
  return queries.sql`
    session.revoked_at is null and session.expires_at > now()
    and session.last_seen_at > now() - ${limits.idleSeconds} * interval '1 s'
    and session.epoch = account.security_epoch and session.global_epoch >= ${epochOf(queries, globalEpoch)}`
}

/** The same of API keys, as `api_key`. */
export function isStandingApiKey(queries: Queries, globalEpoch: number | null = null) {
  return queries.sql`
    api_key.revoked_at is null and (api_key.expires_at is null or api_key.expires_at > now())
    and api_key.epoch = account.security_epoch and api_key.global_epoch >= ${epochOf(queries, globalEpoch)}`
}

/** The same of SSH keys, as `ssh_key`. */
export function isStandingSshKey(queries: Queries, globalEpoch: number | null = null) {
  return queries.sql`
    ssh_key.revoked_at is null
    and ssh_key.epoch = account.security_epoch and ssh_key.global_epoch >= ${epochOf(queries, globalEpoch)}`
}

function epochOf(queries: Queries, globalEpoch: number | null) {
  return queries.sql`coalesce(${globalEpoch}::int, (select epoch from fences), 1)`
}
