import type { Id } from '@portcullis/contracts/ids'
import type { Queries } from '@portcullis/db/connect'

/** What an account is in the store: its role, its state, and the epoch that its credentials must have. */
export async function readAccountState(queries: Queries, { id }: { readonly id: Id<'account'> }) {
  const [row] = await queries.sql`select role, state, security_epoch as epoch from accounts where id = ${id}`
  return row
}
