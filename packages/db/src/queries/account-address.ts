import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '../connect.ts'

/** The uniqueness key of an account's address; `undefined` for an account that is not there. */
export async function findAccountEmailKey(queries: Queries, id: Id<'account'>): Promise<string | undefined> {
  const [row] = await queries.sql<{ emailKey: string }[]>`select email_key as "emailKey" from accounts where id = ${id}`
  return row?.emailKey
}
