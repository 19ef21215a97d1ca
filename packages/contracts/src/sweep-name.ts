/** Sweeps of sessions: every minute. */
export const sessionSweepNames = ['sessions.idle', 'sessions.expired'] as const

/** Sweeps of all else that has outlived its use: every five minutes. */
export const retentionSweepNames = [
  'sessions.ended',
  'api-keys.over',
  'resets.expired',
  'resets.old',
  'registrations.old',
  'challenges.old',
  'second-factors.pending',
  'email-changes.over',
  'idempotency-keys.old',
  'throttles.old',
  'devices.unseen',
  'logins.old',
  'notices.old',
  'mails.old',
  'webhook-deliveries.old',
  'signals.old',
  'rentals.ended',
  'exports.expired',
  'closings.old',
  'operations.old',
  'jobs.over',
] as const

/** All sweeps, as `sweeps.name` in the store, metrics and the admin's calls have them. */
export const sweepNames = [...sessionSweepNames, ...retentionSweepNames] as const

/** Name of a sweep. */
export type SweepName = (typeof sweepNames)[number]
