import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** Any number that no other program uses for an advisory lock of this database. */
const sealerLock = 727_002

/** As it is hashed: UTC, to the microsecond. */
const exact = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'

/** An audit event as the sealer reads it. */
export interface UnsealedEvent {
  readonly id: Id<'auditEvent'>
  readonly xid: string
  readonly occurredAt: string
  readonly action: string
  readonly actor: string
  readonly subjectKind: string
  readonly salt: string
  readonly accountId: string | null
  readonly actorId: string | null
  readonly subjectId: string | null
  readonly requestId: string | null
  readonly details: Record<string, unknown> | null
}

/** Where the next seal begins. */
export interface SealHead {
  readonly seal: number
  readonly lastSequence: number
  /** Head of the chain, as hexadecimal text. */
  readonly hash: string
  readonly keyId: string
  /** The last event that was sealed; `null`: read from the beginning. */
  readonly after: { readonly xid: string; readonly id: string } | null
}

/** A seal as it stands in the store. */
export interface StoredSeal {
  readonly seal: number
  readonly firstSequence: number
  readonly lastSequence: number
  readonly events: number
  readonly previousHash: string
  readonly hash: string
  readonly sealedAt: string
  readonly keyId: string
  /** Hexadecimal, as are the hashes. */
  readonly signature: string
  readonly anchoredAt: Date | null
}

/**
 * Makes this transaction the only sealer until its end; false: there is one. Waits for nobody. Its reads go along an index and
 * stop when they have enough: the planner, which knows nothing of a backlog, would read and sort all of it for each seal.
 */
export async function takeSealerLock(tx: Tx): Promise<boolean> {
  const [row] = await tx.sql<{ taken: boolean }[]>`
    select pg_try_advisory_xact_lock(${sealerLock}) as taken, set_config('enable_bitmapscan', 'off', true)`
  return row?.taken === true
}

/**
 * Reads the newest seal; `undefined` before the first. `after` is null where the store's transactions are behind those of the
 * seal: it was restored from a dump, so it is looked through from the beginning. By the primary keys.
 */
export async function findSealHead(queries: Queries): Promise<SealHead | undefined> {
  const [row] = await queries.sql<SealHead[]>`
    select head.seal::float8 as seal, head.last_sequence::float8 as "lastSequence", encode(head.hash, 'hex') as hash,
      head.key_id as "keyId",
      case when head.last_xid::xid8 < pg_snapshot_xmax(pg_current_snapshot())
        then jsonb_build_object('xid', head.last_xid, 'id', link.event_id) end as after
    from (select * from audit_seals order by seal desc limit 1) as head
    join audit_chain as link on link.sequence = head.last_sequence`
  return row
}

/** The store's clock, as seals are dated: UTC, to the microsecond. */
export async function readSealMoment(queries: Queries): Promise<string> {
  const [row] = await queries.sql<{ moment: string }[]>`
    select to_char(clock_timestamp() at time zone 'UTC', ${exact}) as moment`
  if (!row) throw new Error('the store has no clock')
  return row.moment
}

/**
 * Lists events that are not sealed, in the order of the chain: by transaction, then by id. Only those of transactions that
 * are older than any still running: a transaction that commits late can add to none of them, so nothing is ever passed over.
 * Uses `audit_events_xid`, and for a store that was restored `audit_chain_event`.
 */
export async function listUnsealed(queries: Queries, after: SealHead['after'], most: number): Promise<UnsealedEvent[]> {
  const rows = await queries.sql<UnsealedEvent[]>`
    select event.id, event.xid::text as xid, to_char(event.occurred_at at time zone 'UTC', ${exact}) as "occurredAt",
      event.action, event.actor, event.subject_kind as "subjectKind", event.salt, event.account_id as "accountId",
      event.actor_id as "actorId", event.subject_id as "subjectId", event.request_id as "requestId", event.details
    from audit_events as event
    where ${behindHead(queries, after)} and event.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by event.xid, event.id limit ${most}`
  return [...rows]
}

/** What comes after the head; of a store that was restored whatever has no place in the chain. */
function behindHead({ sql }: Queries, after: SealHead['after']) {
  if (after !== null) return sql`(event.xid, event.id) > (${after.xid}::text::xid8, ${after.id}::uuid)`
  return sql`not exists (select from audit_chain where event_id = event.id)`
}

/** What waits to be sealed. */
export interface SealBacklog {
  /** How many, counted up to the given number. */
  readonly events: number
  /** Age of the one that is next, in seconds; 0 where none waits. */
  readonly oldestSeconds: number
}

/** Measures it, also what a running transaction still holds back. Uses `audit_events_xid`. */
export async function measureUnsealed(queries: Queries, after: SealHead['after'], most: number): Promise<SealBacklog> {
  const waiting = behindHead(queries, after)
  const [row] = await queries.sql<SealBacklog[]>`
    select
      (select count(*) from (select from audit_events as event where ${waiting} limit ${most}) as counted)::int4 as events,
      coalesce((select greatest(extract(epoch from clock_timestamp() - event.occurred_at), 0)
        from audit_events as event where ${waiting} order by event.xid, event.id limit 1), 0)::float8 as "oldestSeconds"`
  return row ?? { events: 0, oldestSeconds: 0 }
}

/** A seal to be stored, with the events that it holds in the order of the chain. */
export interface NewSeal extends Omit<StoredSeal, 'anchoredAt'> {
  readonly lastXid: string
  readonly eventIds: readonly string[]
  /** Head of the chain after each, 32 bytes, one behind the other. */
  readonly hashes: Uint8Array
  /** The commitments of each, 160 bytes, one behind the other. */
  readonly commitments: Uint8Array
}

/** Stores a seal and the place of each of its events, in one statement. */
export async function insertSeal(tx: Tx, seal: NewSeal): Promise<void> {
  await tx.sql`
    with seal as (
      insert into audit_seals
        (seal, first_sequence, last_sequence, events, previous_hash, hash, sealed_at, key_id, signature, last_xid)
      values (${seal.seal}, ${seal.firstSequence}, ${seal.lastSequence}, ${seal.events},
        decode(${seal.previousHash}, 'hex'), decode(${seal.hash}, 'hex'), ${seal.sealedAt}::text::timestamptz,
        ${seal.keyId}, decode(${seal.signature}, 'hex'), ${seal.lastXid})
    )
    insert into audit_chain (sequence, event_id, hash, seal, commitments)
    select ${seal.firstSequence} - 1 + place, event_id,
      substring(${Buffer.from(seal.hashes)}::bytea from (place::int4 - 1) * 32 + 1 for 32), ${seal.seal},
      substring(${Buffer.from(seal.commitments)}::bytea from (place::int4 - 1) * 160 + 1 for 160)
    from unnest(${[...seal.eventIds]}::uuid[]) with ordinality as link (event_id, place)`
}

const sealColumns = (queries: Queries) => queries.sql`
  seal::float8 as seal, first_sequence::float8 as "firstSequence", last_sequence::float8 as "lastSequence", events,
  encode(previous_hash, 'hex') as "previousHash", encode(hash, 'hex') as hash,
  to_char(sealed_at at time zone 'UTC', ${exact}) as "sealedAt", key_id as "keyId", encode(signature, 'hex') as signature,
  anchored_at as "anchoredAt"`

/** Lists seals, the newest first, from before one. By the primary key. */
export async function listSeals(queries: Queries, before: number | null, most: number): Promise<StoredSeal[]> {
  const rows = await queries.sql<StoredSeal[]>`
    select ${sealColumns(queries)} from audit_seals where seal < ${before ?? Number.MAX_SAFE_INTEGER}::int8
    order by audit_seals.seal desc limit ${most}`
  return [...rows]
}

/** Reads one seal. */
export async function findSeal(queries: Queries, seal: number): Promise<StoredSeal | undefined> {
  const [row] = await queries.sql<StoredSeal[]>`select ${sealColumns(queries)} from audit_seals where seal = ${seal}`
  return row
}

/** Which seals an export is to hold: by when they were made, or by the numbers of their events. Bounds are inclusive. */
export interface SealRange {
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly fromSequence?: number | undefined
  readonly toSequence?: number | undefined
}

/**
 * Finds the first and last seal of a range; `undefined` where there is none. `newest`: the newest of all. By
 * `audit_seals_sealed_at` and `audit_seals_last_sequence`: seals rise in both.
 */
export async function findSealRange(
  queries: Queries,
  range: SealRange,
): Promise<{ readonly first: number | null; readonly last: number | null; readonly newest: number | null }> {
  const [row] = await queries.sql<{ first: number | null; last: number | null; newest: number | null }[]>`
    select newest.seal::float8 as newest, greatest(since.seal, starting.seal)::float8 as first,
      least(until.seal, ending.seal, newest.seal)::float8 as last
    from (select max(seal) as seal from audit_seals) as newest,
      (select coalesce((select seal from audit_seals where sealed_at >= ${range.since ?? '-infinity'}::text::timestamptz
        order by sealed_at, seal limit 1), 9223372036854775807) as seal) as since,
      (select coalesce((select seal from audit_seals where last_sequence >= ${range.fromSequence ?? 0}
        order by last_sequence limit 1), 9223372036854775807) as seal) as starting,
      (select coalesce((select seal from audit_seals where sealed_at <= ${range.until ?? 'infinity'}::text::timestamptz
        order by sealed_at desc, seal desc limit 1), 0) as seal) as until,
      (select coalesce((select seal from audit_seals where last_sequence >= ${range.toSequence ?? Number.MAX_SAFE_INTEGER}::int8
        order by last_sequence limit 1), 9223372036854775807) as seal) as ending`
  return row ?? { first: null, last: null, newest: null }
}

/** An event as it is exported. */
export interface SealedEvent extends Omit<UnsealedEvent, 'salt' | 'xid'> {
  readonly sequence: number
  readonly hash: string
  readonly commitments: string
  readonly salt: string | null
}

/** Lists the events of a seal, in the order of the chain. By the primary keys. */
export async function listSealedEvents(
  queries: Queries,
  { firstSequence, lastSequence }: Pick<StoredSeal, 'firstSequence' | 'lastSequence'>,
): Promise<SealedEvent[]> {
  const rows = await queries.sql<SealedEvent[]>`
    select link.sequence::float8 as sequence, encode(link.hash, 'hex') as hash,
      encode(link.commitments, 'hex') as commitments, event.id, event.salt,
      to_char(event.occurred_at at time zone 'UTC', ${exact}) as "occurredAt", event.action, event.actor,
      event.subject_kind as "subjectKind", event.account_id as "accountId", event.actor_id as "actorId",
      event.subject_id as "subjectId", event.request_id as "requestId", event.details
    from audit_chain as link join audit_events as event on event.id = link.event_id
    where link.sequence between ${firstSequence} and ${lastSequence} order by link.sequence`
  return [...rows]
}

/** Notes that an outside anchor has a seal. */
export async function updateSealAnchored(tx: Tx, seal: number): Promise<void> {
  await tx.sql`update audit_seals set anchored_at = now() where seal = ${seal} and anchored_at is null`
}

/**
 * Deletes events of up to `mostSeals` seals that are older than so many days, with their places and seals. Tells how many events.
 *
 * @throws the store's refusal (42501) below 180 days.
 */
export async function purgeAudit(tx: Tx, days: number, mostSeals: number): Promise<number> {
  const [row] = await tx.sql<{ purged: number }[]>`
    select purge_audit(now() - make_interval(days => ${days}), ${mostSeals}) as purged`
  return row?.purged ?? 0
}
