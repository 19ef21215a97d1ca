import type { SessionLimits } from '@portcullis/db/queries/session'

const daySeconds = 86_400

/**
 * The defaults: 14 days of inactivity, 30 days in all, 50 at a time; the least recently used gives way, as refusing a
 * login would be a way to lock an owner out (ASVS 5 7.1.1, 7.1.2, 7.3.1, 7.3.2). Longer than NIST's AAL2 limits, so
 * sensitive calls ask for a proof no older than `proofSeconds`.
 */
export const sessionLimits: SessionLimits = { idleSeconds: 14 * daySeconds, absoluteSeconds: 30 * daySeconds, most: 50 }

/** How long a proof to be there serves for sensitive calls. */
export const proofSeconds = 600
