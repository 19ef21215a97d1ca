import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '@portcullis/db/connect'

/** The kinds of an account's notices, oldest first. */
export async function listNoticeKinds(queries: Queries, { id }: { readonly id: Id<'account'> }): Promise<string[]> {
  const rows = await queries.sql<{ kind: string }[]>`select kind from notices where account_id = ${id} order by id`
  return rows.map(({ kind }) => kind)
}
