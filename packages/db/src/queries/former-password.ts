import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'

/** As many former passwords are looked at: the one before the lockdown, and five before that. */
const formerMost = 6

/** The hashes of the latest passwords that an account had, the newest first. Uses `former_passwords_account`. */
export async function listFormerPasswords(queries: Queries, accountId: Id<'account'>): Promise<string[]> {
  const rows = await queries.sql<{ hash: string }[]>`
    select password_hash as hash from former_passwords where account_id = ${accountId}
    order by id desc limit ${formerMost}`
  return rows.map(({ hash }) => hash)
}
