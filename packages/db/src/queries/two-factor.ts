import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'
import type { Tx } from '../transaction.ts'

/** The codes of an account, confirmed or still pending. */
export interface TotpFactor {
  readonly secretSealed: string
  readonly lastStep: number | undefined
  readonly confirmed: boolean
}

/** Minutes that an enrolment may take. */
const pendingMinutes = 10

/** Starts an enrolment, in place of one that was not finished; `false` where a factor is active already. */
export async function upsertPendingFactor(tx: Tx, accountId: Id<'account'>, secretSealed: string): Promise<boolean> {
  const rows = await tx.sql`
    insert into totp_factors as factor (account_id, secret_sealed) values (${accountId}, ${secretSealed})
    on conflict (account_id) do update set secret_sealed = excluded.secret_sealed, created_at = now(), last_step = null
      where factor.confirmed_at is null
    returning account_id`
  return rows.length === 1
}

/** Reads the factor of an account; a pending one only while its enrolment may be finished. */
export async function findFactor(queries: Queries, accountId: Id<'account'>): Promise<TotpFactor | undefined> {
  const [row] = await queries.sql<{ secretSealed: string; lastStep: string | null; confirmed: boolean }[]>`
    select secret_sealed as "secretSealed", last_step as "lastStep", confirmed_at is not null as confirmed
    from totp_factors
    where account_id = ${accountId}
      and (confirmed_at is not null or created_at > now() - ${pendingMinutes} * interval '1 minute')`
  return row && { ...row, lastStep: row.lastStep === null ? undefined : Number(row.lastStep) }
}

/** Whether an account has an active second factor. */
export async function hasActiveFactor(queries: Queries, accountId: Id<'account'>): Promise<boolean> {
  const rows = await queries.sql`
    select account_id from totp_factors where account_id = ${accountId} and confirmed_at is not null`
  return rows.length === 1
}

/** Makes a pending factor active and uses up the step that proved it: `true` for exactly one caller. */
export async function updateFactorConfirmed(tx: Tx, accountId: Id<'account'>, step: number): Promise<boolean> {
  const rows = await tx.sql`
    update totp_factors set confirmed_at = now(), last_step = ${step}
    where account_id = ${accountId} and confirmed_at is null returning account_id`
  return rows.length === 1
}

/** Uses up a step of an active factor: `true` for exactly one caller, and never for an older one after it. */
export async function updateFactorStep(tx: Tx, accountId: Id<'account'>, step: number): Promise<boolean> {
  const rows = await tx.sql`
    update totp_factors set last_step = ${step}
    where account_id = ${accountId} and confirmed_at is not null and (last_step is null or last_step < ${step})
    returning account_id`
  return rows.length === 1
}

/** Takes the factor and its backup codes away; `false` where there was none. */
export async function deleteFactor(tx: Tx, accountId: Id<'account'>): Promise<boolean> {
  await tx.sql`delete from backup_codes where account_id = ${accountId}`
  const rows = await tx.sql`
    delete from totp_factors where account_id = ${accountId} and confirmed_at is not null returning account_id`
  return rows.length === 1
}

/** Replaces the backup codes of an account. */
export async function replaceBackupCodes(tx: Tx, accountId: Id<'account'>, hashes: readonly string[]): Promise<void> {
  await tx.sql`delete from backup_codes where account_id = ${accountId}`
  await tx.sql`
    insert into backup_codes (account_id, index, code_hash)
    select ${accountId}, place - 1, hash from unnest(${[...hashes]}::text[]) with ordinality as code (hash, place)`
}

/** The hash of an unused backup code. */
export async function findBackupCodeHash(
  queries: Queries,
  accountId: Id<'account'>,
  index: number,
): Promise<string | undefined> {
  const [row] = await queries.sql<{ hash: string }[]>`
    select code_hash as hash from backup_codes
    where account_id = ${accountId} and index = ${index} and used_at is null`
  return row?.hash
}

/** Uses up a backup code: `true` for exactly one caller. */
export async function updateBackupCodeUsed(
  tx: Tx,
  accountId: Id<'account'>,
  index: number,
  hash: string,
): Promise<boolean> {
  const rows = await tx.sql`
    update backup_codes set used_at = now()
    where account_id = ${accountId} and index = ${index} and code_hash = ${hash} and used_at is null returning index`
  return rows.length === 1
}

/** How many backup codes are left. */
export async function countBackupCodes(queries: Queries, accountId: Id<'account'>): Promise<number> {
  const [row] = await queries.sql<{ left: number }[]>`
    select count(*)::int as left from backup_codes where account_id = ${accountId} and used_at is null`
  return row?.left ?? 0
}

/** Notes that a session has proved a second factor. */
export async function updateSessionSecondFactor(tx: Tx, id: Id<'session'>): Promise<void> {
  await tx.sql`update sessions set second_factor = true where id = ${id}`
}
