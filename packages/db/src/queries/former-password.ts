import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'

/**
 * So many former passwords are kept of an account, and looked at by a recovery. Whoever is in and changes the password again
 * and again, to have the phished one forgotten, has its owner told by mail each time.
 */
const formerMost = 10

/** The hashes of the latest passwords that an account had, the newest first. Uses `former_passwords_account`. */
export async function listFormerPasswords(queries: Queries, accountId: Id<'account'>): Promise<string[]> {
  const rows = await queries.sql<{ hash: string }[]>`
    select password_hash as hash from former_passwords where account_id = ${accountId}
    order by id desc limit ${formerMost}`
  return rows.map(({ hash }) => hash)
}

/**
 * Two CTEs after one named `held` (account_id, password_hash) that has locked its accounts: the passwords become former ones,
 * and the oldest beyond those that are kept leave.
 */
export function retireHeld({ sql }: Queries) {
  return sql`
    retired as (
      insert into former_passwords (id, account_id, password_hash)
      select uuidv7(), account_id, password_hash from held where password_hash is not null
    ), surplus as (
      delete from former_passwords using (
        select former.id from held cross join lateral (
          select id from former_passwords
          where account_id = held.account_id and held.password_hash is not null
          order by id desc offset ${formerMost - 1}
        ) as former
      ) as old where former_passwords.id = old.id
    )`
}
