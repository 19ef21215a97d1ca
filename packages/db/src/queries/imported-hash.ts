import type { Queries } from '../connect.ts'

/** Kinds at most: more of them than any house has imported. */
const kindsMost = 50

/**
 * The kinds of password hashes that came from elsewhere and are still there: scheme and cost, as the hashes begin
 * (`$2b$12`, `$scrypt$ln=17,r=8,p=1`). No hash, salt or account is told. Uses `accounts_imported` where that index is.
 */
export async function listImportedKinds(queries: Queries): Promise<string[]> {
  const rows = await queries.sql<{ kind: string }[]>`
    select distinct '$' || split_part(password_hash, '$', 2) || '$' || split_part(password_hash, '$', 3) as kind
    from accounts where password_hash not like '$argon2id$%' limit ${kindsMost}`
  return rows.map((row) => row.kind)
}
