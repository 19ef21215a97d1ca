/** What can be wrong with an export, by a stable code. */
export const auditFaults = {
  line_malformed: 'this line is not one of an audit export',
  line_out_of_place: 'this line does not belong here',
  event_missing: 'an event was removed, or moved to another place',
  event_out_of_place: 'an event was inserted, or moved to another place',
  event_changed: 'an event was changed',
  values_changed: 'what an event says is not what it was sealed with',
  seal_missing: 'a seal was removed, or moved to another place',
  seal_changed: 'a seal was changed',
  seal_mismatch: 'the events of a seal are not those that it signed; each of them may have been changed',
  key_unknown: 'a signature is by a key that is not trusted',
  signature_wrong: 'a signature does not hold',
  anchor_missing: 'a seal that was anchored outside is not in the export',
  anchor_mismatch: 'a seal is not the one that was anchored outside',
  truncated: 'the export ends too early',
} as const

/** Code of a fault. */
export type AuditFaultCode = keyof typeof auditFaults

/** All is as it was sealed. */
export interface AuditSound {
  readonly ok: true
  readonly events: number
  readonly seals: number
  /** Sequence numbers of the first and last event; null of an empty export. */
  readonly firstSequence: number | null
  readonly lastSequence: number | null
  /** Events whose personal values were erased: the chain proves that they happened, and nothing tells of whom. */
  readonly erased: number
  /** Head of the chain after the last event: what to hold against an anchor. */
  readonly hash: string
  /** The newest seal of the store when the export was made. */
  readonly newestSeal: number
  /** Names of the keys that had signed. */
  readonly keyIds: readonly string[]
  /** False: the keys came with the file, so only whoever trusts the file learns anything. */
  readonly trusted: boolean
}

/** Something is not as it was sealed: the first thing, in the order of the chain. */
export interface AuditUnsound {
  readonly ok: false
  readonly code: AuditFaultCode
  readonly why: string
  /** Line of the file, from 1. */
  readonly line: number
  /** The event, where one can be named. */
  readonly sequence?: number
  /** The seal, where one can be named. */
  readonly seal?: number
}

/** What became of a verification. */
export type AuditVerdict = AuditSound | AuditUnsound
