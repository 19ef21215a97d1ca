import { bigint, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytes, moment } from './column.ts'

/** A batch of audit events chained to the one before and signed. Never changed. Stays as long as its events. */
export const auditSeals = pgTable(
  'audit_seals',
  {
    /** 1, 2, 3 … without a gap. */
    seal: bigint({ mode: 'number' }).primaryKey(),
    /** Sequence numbers of its first and last event. */
    firstSequence: bigint({ mode: 'number' }).notNull(),
    lastSequence: bigint({ mode: 'number' }).notNull(),
    events: integer().notNull(),
    /** Head of the chain before and after it: SHA-256. */
    previousHash: bytes().notNull(),
    hash: bytes().notNull(),
    sealedAt: moment().notNull(),
    /** Names the Ed25519 key. */
    keyId: text().notNull(),
    signature: bytes().notNull(),
    /** When an outside anchor has taken it. */
    anchoredAt: moment(),
    /** How far the sealer has read, by transaction: see `audit_events.xid`. */
    lastXid: text().notNull(),
  },
  (t) => [
    uniqueIndex('audit_seals_last_sequence').on(t.lastSequence),
    // An export by time begins and ends here.
    index('audit_seals_sealed_at').on(t.sealedAt),
  ],
)

/** Where an audit event stands in the chain. Never changed. Leaves with its event. */
export const auditChain = pgTable(
  'audit_chain',
  {
    /** Gap-free. */
    sequence: bigint({ mode: 'number' }).primaryKey(),
    eventId: uuid().notNull(),
    /** Head of the chain after this event. */
    hash: bytes().notNull(),
    seal: bigint({ mode: 'number' }).notNull(),
    /**
     * What stands in the chain for what may be personal: 5 times 32 bytes, in the order of `committedFields`. Kept here so that
     * the chain can be verified when values and salt are erased.
     */
    commitments: bytes().notNull(),
  },
  (t) => [uniqueIndex('audit_chain_event').on(t.eventId)],
)
