/** The kinds of credentials that a bulk revocation may end. */
export const revocationKinds = ['sessions', 'apiKeys', 'sshKeys'] as const

/** A kind of credential. */
export type RevocationKind = (typeof revocationKinds)[number]

/** How many of each kind. */
export type KindCounts = Readonly<Record<RevocationKind, number>>

/** Where a bulk revocation stands. */
export const revocationStates = [
  'draft',
  'approved',
  'running',
  'paused',
  'cancelled',
  'done',
  'undoing',
  'undone',
  'failed',
] as const

/** A state of a bulk revocation. */
export type RevocationState = (typeof revocationStates)[number]

/** What became of one target. */
export const targetStates = ['pending', 'done', 'failed', 'undone'] as const

/** A state of a target. */
export type TargetState = (typeof targetStates)[number]

/** So many parts of a bulk revocation may be worked off side by side. */
export const revocationShards = 8

/** Above so many accounts a second admin must approve. */
export const approvalAccountsAbove = 1000
