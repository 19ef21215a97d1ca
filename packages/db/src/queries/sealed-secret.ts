import type { Tx } from '../transaction.ts'

/** The columns that hold sealed text, all bound to table, column and row id. */
export const sealedColumns = [
  { table: 'totp_factors', id: 'account_id', column: 'secret_sealed' },
  { table: 'webhook_endpoints', id: 'id', column: 'secret_sealed' },
  { table: 'webhook_endpoints', id: 'id', column: 'former_secret_sealed' },
  { table: 'webhook_endpoints', id: 'id', column: 'authorization_sealed' },
] as const

/** One of them. */
export type SealedColumn = (typeof sealedColumns)[number]

/** A secret as it is stored: sealed. */
export interface SealedSecret {
  readonly id: string
  readonly sealed: string
}

/** Before every id. */
const nobody = '00000000-0000-0000-0000-000000000000'

/** Counts the secrets that do not begin with `prefix`: those not under the newest key. Reads the whole table, by its key. */
export async function countOutdatedSecrets(tx: Tx, at: SealedColumn, prefix: string): Promise<number> {
  const [row] = await tx.sql<{ left: number }[]>`
    select count(*)::int as left from ${tx.sql(at.table)} where not starts_with(${tx.sql(at.column)}, ${prefix})`
  return row?.left ?? 0
}

/**
 * Reads and locks up to `most` secrets that do not begin with `prefix`, of rows `after` that id, in the order of ids. What
 * somebody else works on is passed over, so nobody waits for anybody here. Uses the primary key.
 */
export async function listOutdatedSecretsForUpdate(
  tx: Tx,
  at: SealedColumn,
  prefix: string,
  after: string | undefined,
  most: number,
): Promise<SealedSecret[]> {
  const rows = await tx.sql<SealedSecret[]>`
    select ${tx.sql(at.id)} as id, ${tx.sql(at.column)} as sealed from ${tx.sql(at.table)}
    where ${tx.sql(at.id)} > ${after ?? nobody} and not starts_with(${tx.sql(at.column)}, ${prefix})
    order by ${tx.sql(at.id)} limit ${most} for no key update skip locked`
  return [...rows]
}

/** Replaces secrets by the same, sealed anew. Their rows must be locked by this transaction. */
export async function updateSealedSecrets(tx: Tx, at: SealedColumn, secrets: readonly SealedSecret[]): Promise<void> {
  await tx.sql`
    update ${tx.sql(at.table)} as kept set ${tx.sql(at.column)} = anew.sealed
    from unnest(
      ${secrets.map((one) => one.id)}::uuid[], ${secrets.map((one) => one.sealed)}::text[]
    ) as anew (row_id, sealed)
    where kept.${tx.sql(at.id)} = anew.row_id`
}
