import type { Role } from '@portcullis/contracts/permission'
import type { Queries } from '@portcullis/db/connect'
import { type MadeOwner, makeOwner } from './make-owner.ts'

/** Gives an account a second factor that was confirmed (none that a code could open), and its session one that was proved. */
export async function enrolOwner(queries: Queries, owner: MadeOwner): Promise<MadeOwner> {
  await queries.sql`
    insert into totp_factors (account_id, secret_sealed, confirmed_at, last_step) values (${owner.id}, 'v1.k1.x', now(), 0)`
  await queries.sql`update sessions set second_factor = true where id = ${owner.sessionId}`
  return owner
}

/**
 * Makes an account of a role with all that its role needs: a second factor, and a session that was proved just now,
 * with that factor unless `secondFactor` is false.
 */
export async function makeStaff(queries: Queries, role: Role, secondFactor = true): Promise<MadeOwner> {
  const owner = await enrolOwner(queries, await makeOwner(queries))
  await queries.sql`update accounts set role = ${role} where id = ${owner.id}`
  await queries.sql`update sessions set second_factor = ${secondFactor} where id = ${owner.sessionId}`
  return owner
}
