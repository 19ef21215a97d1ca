import type { Id } from '@portcullis/contracts/ids'
import type { LockdownStep } from '@portcullis/contracts/lockdown-step'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'
import type { RecoveryStage } from './lockdown.ts'

/** A lockdown whose step is still to be proven, with what the step goes by. */
export interface DueLockdown {
  readonly id: Id<'lockdown'>
  readonly accountId: Id<'account'>
  /** Whatever has an older epoch is void. */
  readonly epoch: number
  readonly compromisedSince: Date
  readonly recovery: RecoveryStage
  readonly txn: string
  /** What the step did so far. */
  readonly counts: Readonly<Record<string, number>>
}

/** What became of a step in one execution. */
export interface StepResult {
  readonly lockdownId: Id<'lockdown'>
  readonly proven: boolean
  /** All that the step did, earlier executions included. */
  readonly counts: Readonly<Record<string, number>>
  readonly proof: Readonly<Record<string, unknown>>
  /** Whether it counts as an attempt: to look whether others have done their part does not. */
  readonly attempted: boolean
}

/** The steps of a lockdown that are not proven. */
export interface DueSteps {
  readonly lockdownId: Id<'lockdown'>
  readonly steps: readonly LockdownStep[]
}

/** Locks the accounts of lockdowns, in one order for all, so that whoever locks several waits in no circle. */
export async function lockLockdownAccounts(tx: Tx, ids: readonly Id<'lockdown'>[]): Promise<void> {
  await tx.sql`
    select account.id from accounts as account
    where account.id in (select account_id from lockdowns where id = any(${[...ids]}::uuid[]))
    order by account.id for no key update of account`
}

/** Reads which steps of lockdowns are still to be proven. One that is gone is missing. Uses `lockdown_steps_pk`. */
export async function listDueSteps(queries: Queries, ids: readonly Id<'lockdown'>[]): Promise<DueSteps[]> {
  const rows = await queries.sql<DueSteps[]>`
    select lockdown.id as "lockdownId",
      (select coalesce(array_agg(step), '{}') from lockdown_steps as step
        where step.lockdown_id = lockdown.id and step.state <> 'proven') as steps
    from lockdowns as lockdown where lockdown.id = any(${[...ids]}::uuid[])`
  return [...rows]
}

/** Reads those of the lockdowns whose step is not proven. The accounts must be locked by this transaction. */
export async function listDueLockdowns(
  tx: Tx,
  ids: readonly Id<'lockdown'>[],
  step: LockdownStep,
): Promise<DueLockdown[]> {
  const rows = await tx.sql<DueLockdown[]>`
    select lockdown.id, lockdown.account_id as "accountId", lockdown.epoch,
      lockdown.compromised_since as "compromisedSince", lockdown.recovery, lockdown.txn, step.counts
    from lockdown_steps as step join lockdowns as lockdown on lockdown.id = step.lockdown_id
    where step.lockdown_id = any(${[...ids]}::uuid[]) and step.step = ${step} and step.state <> 'proven'`
  return [...rows]
}

/** Writes what became of a step, and how far the operations have come. The accounts must be locked by this transaction. */
export async function updateStepResults(tx: Tx, step: LockdownStep, results: readonly StepResult[]): Promise<void> {
  const proven = results.filter((result) => result.proven).map((result) => result.lockdownId)
  const written = tx.sql`
    update lockdown_steps as step set
      state = case when result.proven then 'proven' when result.attempted then 'acted' else step.state end,
      attempts = step.attempts + result.attempted::int, counts = result.counts::jsonb, proof = result.proof::jsonb,
      last_error_code = null,
      acted_at = case when result.attempted then coalesce(step.acted_at, now()) else step.acted_at end,
      proven_at = case when result.proven then now() end
    from (select lockdown_id, proven::boolean, attempted::boolean, counts, proof from unnest(
      ${results.map((result) => result.lockdownId)}::uuid[], ${results.map((result) => String(result.proven))}::text[],
      ${results.map((result) => String(result.attempted))}::text[],
      ${results.map((result) => JSON.stringify(result.counts))}::text[],
      ${results.map((result) => JSON.stringify(result.proof))}::text[]
    ) as given (lockdown_id, proven, attempted, counts, proof)) as result
    where step.lockdown_id = result.lockdown_id and step.step = ${step} and step.state <> 'proven'`
  // Sent together: the second sees what the first wrote.
  const counted = tx.sql`
    update operations set updated_at = now(), done = (
      select count(*) from lockdown_steps where lockdown_id = operations.id and lockdown_steps.state = 'proven')
    where id = any(${proven}::uuid[])`
  await Promise.all([written, counted])
}

/** Writes down that a step could not be tried, and why: a code. */
export async function updateStepFailed(
  tx: Tx,
  lockdownId: Id<'lockdown'>,
  step: LockdownStep,
  code: string,
): Promise<void> {
  await tx.sql`
    update lockdown_steps set attempts = attempts + 1, last_error_code = ${code}
    where lockdown_id = ${lockdownId} and step = ${step} and state <> 'proven'`
}

/** A lockdown all of whose steps are proven. */
export interface ContainedLockdown {
  readonly id: Id<'lockdown'>
  readonly accountId: Id<'account'>
  readonly txn: string
  /** Since it was opened. */
  readonly afterMs: number
}

/**
 * Calls those of the lockdowns contained that have every step proven, each once, and ends their operations. One whose
 * owner is back already stays `recovered`. The accounts must be locked by this transaction.
 */
export async function updateLockdownsContained(tx: Tx, ids: readonly Id<'lockdown'>[]): Promise<ContainedLockdown[]> {
  const rows = await tx.sql<ContainedLockdown[]>`
    with contained as (
      update lockdowns set contained_at = now(), state = case when state = 'open' then 'contained' else state end
      where id = any(${[...ids]}::uuid[]) and contained_at is null and not exists (
        select from lockdown_steps as step where step.lockdown_id = lockdowns.id and step.state <> 'proven')
      returning id, account_id, txn, opened_at
    ), ended as (
      update operations set status = 'done', updated_at = now(), ended_at = now()
      from contained where operations.id = contained.id
    )
    select id, account_id as "accountId", txn, round(extract(epoch from now() - opened_at) * 1000)::int as "afterMs"
    from contained`
  return [...rows]
}

/**
 * A further trigger reaches further back: what goes by the suspect window is due again, and the lockdown open until that
 * is proven. Once its owner is at the recovery, only the review grows. The account must be locked by this transaction.
 */
export async function updateStepsDueAgain(tx: Tx, id: Id<'lockdown'>): Promise<void> {
  await tx.sql`
    update lockdown_steps as step set state = 'pending', proven_at = null from lockdowns as lockdown
    where lockdown.id = ${id} and step.lockdown_id = lockdown.id and step.state = 'proven'
      and (step.step = 'review' or (step.step in ('tokens', 'second_factor') and lockdown.recovery = 'none'))`
  await tx.sql`
    with reopened as (
      update lockdowns set state = 'open', contained_at = null
      where id = ${id} and state = 'contained' returning id
    )
    update operations set status = 'running', ended_at = null, updated_at = now() from reopened
    where operations.id = reopened.id`
}

/**
 * Lists lockdowns that are not contained although they have had time, the newest first. Those of the last day each time;
 * older ones, which wait for a mailbox or a receiver that is away, once an hour. Uses `lockdowns_open`.
 */
export async function listUncontainedLockdowns(
  queries: Queries,
  most: number,
  afterSeconds: number,
): Promise<Id<'lockdown'>[]> {
  const rows = await queries.sql<{ id: Id<'lockdown'> }[]>`
    select id from lockdowns
    where contained_at is null and opened_at < now() - ${afterSeconds} * interval '1 s'
      and (opened_at > now() - interval '1 day'
        or abs(hashtext(id::text)::bigint) % 60 = floor(extract(epoch from now()) / 60)::bigint % 60)
    order by opened_at desc limit ${most}`
  return rows.map((row) => row.id)
}
