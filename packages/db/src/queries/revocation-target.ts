import type { Id } from '@portcullis/contracts/ids'
import { type KindCounts, revocationShards, type TargetState } from '@portcullis/contracts/revocation'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import type { NewRevocation, RevocationRow } from './revocation.ts'
import { isSelected, type ResolvedSelector } from './selector.ts'
import { isStandingApiKey, isStandingSession, isStandingSshKey } from './standing.ts'

/** What became of one account. */
export interface TargetRow extends KindCounts {
  readonly accountId: Id<'account'>
  readonly state: TargetState
  readonly errorCode: string | null
  readonly doneAt: Date | null
}

/** An account of a sample, with what it would lose. */
export interface SampledAccount extends KindCounts {
  readonly accountId: Id<'account'>
  readonly emailKey: string
  readonly role: 'member' | 'support' | 'admin'
  readonly state: 'active' | 'locked' | 'disabled'
}

/**
 * Freezes the accounts that a selector names as targets, and counts what they would lose: one statement, so that what is
 * counted is what is frozen. For a connection with a free planner: it may read whole tables.
 */
export async function freezeTargets(
  tx: Tx,
  revocation: NewRevocation,
  resolved: ResolvedSelector,
): Promise<RevocationRow['counts']> {
  const { id, kinds, createdBySession, sparesOwnSession } = revocation
  const { limits } = resolved
  const asked = (kind: NewRevocation['kinds'][number]) => kinds.includes(kind)
  const [row] = await tx.sql<RevocationRow['counts'][]>`
    with chosen as materialized (
      select account.id, account.security_epoch from accounts as account where ${isSelected(tx, resolved)}
    ), target as (
      insert into revocation_targets (revocation_id, account_id, shard)
      select ${id}, chosen.id, ntile(${revocationShards}::int) over (order by chosen.id) - 1 from chosen
      returning account_id
    )
    select (select count(*)::int from target) as accounts,
      (select count(*)::int from sessions as session join chosen as account on account.id = session.account_id
        where ${asked('sessions')} and ${isStandingSession(tx, limits)}
          and (not ${sparesOwnSession} or session.id <> ${createdBySession})) as sessions,
      (select count(*)::int from api_keys as api_key join chosen as account on account.id = api_key.account_id
        where ${asked('apiKeys')} and ${isStandingApiKey(tx)}) as "apiKeys",
      (select count(*)::int from ssh_keys as ssh_key join chosen as account on account.id = ssh_key.account_id
        where ${asked('sshKeys')} and ${isStandingSshKey(tx)}) as "sshKeys"`
  if (!row) throw new Error('a count is always answered')
  return row
}

/** Shows up to `most` targets of a draft, by account id, with what they would lose at this moment. */
export async function listSample(
  queries: Queries,
  { id, kinds, createdBySession, sparesOwnSession }: NewRevocation,
  limits: ResolvedSelector['limits'],
  most: number,
): Promise<SampledAccount[]> {
  const rows = await queries.sql<SampledAccount[]>`
    select account.id as "accountId", account.email_key as "emailKey", account.role, account.state,
      (select count(*)::int from sessions as session where session.account_id = account.id
        and ${kinds.includes('sessions')} and ${isStandingSession(queries, limits)}
        and (not ${sparesOwnSession} or session.id <> ${createdBySession})) as sessions,
      (select count(*)::int from api_keys as api_key where api_key.account_id = account.id
        and ${kinds.includes('apiKeys')} and ${isStandingApiKey(queries)}) as "apiKeys",
      (select count(*)::int from ssh_keys as ssh_key where ssh_key.account_id = account.id
        and ${kinds.includes('sshKeys')} and ${isStandingSshKey(queries)}) as "sshKeys"
    from (
      select account_id from revocation_targets where revocation_id = ${id} order by account_id limit ${most}
    ) as target join accounts as account on account.id = target.account_id order by account.id`
  return [...rows]
}

/** Which targets a chunk is to take. */
export interface ChunkWish {
  readonly id: Id<'revocation'>
  readonly shard: number
  /** Forth takes what is pending, back what was done. */
  readonly way: 'forth' | 'back'
  /** Where the last chunk ended; null for the first. */
  readonly after: Id<'account'> | null
  readonly most: number
}

/**
 * Takes the next targets of a shard and locks their accounts, both in the order of ids. Targets that another worker has at this
 * moment are passed over. Uses `revocation_targets_shard` or `revocation_targets_done`.
 */
export async function claimTargets(tx: Tx, wish: ChunkWish): Promise<Id<'account'>[]> {
  const { id, shard, way, after, most } = wish
  // Literally: else the planner cannot know that the partial index serves.
  const state = way === 'forth' ? tx.sql`state = 'pending'` : tx.sql`state = 'done'`
  const rows = await tx.sql<{ accountId: Id<'account'> }[]>`
    select account_id as "accountId" from revocation_targets
    where revocation_id = ${id} and shard = ${shard} and ${state}
      and account_id > ${after ?? '00000000-0000-0000-0000-000000000000'}
    order by account_id limit ${most} for update skip locked`
  const ids = rows.map((row) => row.accountId)
  if (ids.length > 0) await tx.sql`select id from accounts where id = any(${ids}::uuid[]) order by id for no key update`
  return ids
}

/** How many targets a shard has left on a way; those that others hold are counted. */
export async function hasTargetsLeft(tx: Tx, id: Id<'revocation'>, way: 'forth' | 'back'): Promise<boolean> {
  const state = way === 'forth' ? tx.sql`state = 'pending'` : tx.sql`state = 'done'`
  const rows = await tx.sql`
    select 1 from revocation_targets where revocation_id = ${id} and ${state} limit 1`
  return rows.length > 0
}

/** Writes down that a target cannot be worked off, and why. */
export async function updateTargetFailed(
  tx: Tx,
  id: Id<'revocation'>,
  accountId: Id<'account'>,
  errorCode: string,
): Promise<void> {
  await tx.sql`
    update revocation_targets set state = 'failed', error_code = ${errorCode}, done_at = now()
    where revocation_id = ${id} and account_id = ${accountId}`
}

/**
 * Adds a chunk to the counts, in its own transaction and as its last statement: others of the same revocation wait for this
 * row from here to the commit. Gives how many milliseconds the next chunk, whosever, is to wait under the cap.
 */
export async function updateRevocationProgress(
  tx: Tx,
  id: Id<'revocation'>,
  way: 'forth' | 'back',
  chunk: KindCounts & { readonly accounts: number },
): Promise<number> {
  const column = tx.sql(way === 'forth' ? 'revoked' : 'restored')
  const sum = (kind: keyof KindCounts, more: number) =>
    tx.sql`${kind}::text, coalesce((${column}->>${kind}::text)::int, 0) + ${more}::int`
  const credentials = chunk.sessions + chunk.apiKeys + chunk.sshKeys
  const [row] = await tx.sql<{ waitMs: number }[]>`
    with counted as (
      update bulk_revocations set
        ${column} = jsonb_build_object(
          ${sum('sessions', chunk.sessions)}, ${sum('apiKeys', chunk.apiKeys)}, ${sum('sshKeys', chunk.sshKeys)}),
        paced_until = greatest(paced_until, clock_timestamp())
          + ${credentials}::float8 / rate_per_second * interval '1 s'
      where id = ${id} returning id, paced_until
    )
    update operations set done = done + ${chunk.accounts},
      updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
    from counted where operations.id = counted.id
    returning coalesce(greatest(0, extract(epoch from counted.paced_until - clock_timestamp()) * 1000), 0)::float8
      as "waitMs"`
  return row?.waitMs ?? 0
}

/** Lists targets by account id, from `after` on, up to `limit`. */
export async function listTargets(
  queries: Queries,
  id: Id<'revocation'>,
  page: { readonly state: TargetState | null; readonly after: string | null; readonly limit: number },
): Promise<TargetRow[]> {
  const rows = await queries.sql<TargetRow[]>`
    select account_id as "accountId", state, sessions, api_keys as "apiKeys", ssh_keys as "sshKeys",
      error_code as "errorCode", done_at as "doneAt"
    from revocation_targets
    where revocation_id = ${id} and account_id > ${page.after ?? '00000000-0000-0000-0000-000000000000'}
      and (${page.state}::text is null or state = ${page.state})
    order by account_id limit ${page.limit}`
  return [...rows]
}

/** Counts targets by what became of them. */
export async function countTargets(queries: Queries, id: Id<'revocation'>): Promise<Record<TargetState, number>> {
  const [row] = await queries.sql<Record<TargetState, number>[]>`
    select count(*) filter (where state = 'pending')::int as pending, count(*) filter (where state = 'done')::int as done,
      count(*) filter (where state = 'failed')::int as failed, count(*) filter (where state = 'undone')::int as undone
    from revocation_targets where revocation_id = ${id}`
  if (!row) throw new Error('a count is always answered')
  return row
}
