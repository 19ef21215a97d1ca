import type { Fault } from '@portcullis/contracts/errors'

/** The longest life that a key can be given: a year and a day to spare. */
export const apiKeyLifetimeMs = 366 * 86_400_000

/** What is wrong with the moment at which a key is to expire; none: it can be had. Pure. */
export function expiryFaults(expiresAt: Date | null, now: Date): Fault[] {
  if (expiresAt === null) return []
  const pointer = '/expiresAt'
  const left = expiresAt.getTime() - now.getTime()
  if (left <= 0) return [{ pointer, code: 'too_early', detail: 'must be in the future' }]
  if (left > apiKeyLifetimeMs) return [{ pointer, code: 'too_late', detail: 'must be within 366 days' }]
  return []
}
