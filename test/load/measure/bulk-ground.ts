import type { Id } from '@portcullis/contracts/ids'
import { connectDatabase, type Database } from '@portcullis/db/connect'
import { inTransaction } from '@portcullis/db/transaction'
import type { AskingStaff } from '@portcullis/domain/admin/staff'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { draftRevocation, type RevocationWish } from '@portcullis/domain/revocation/draft'
import { sessionLimits } from '@portcullis/domain/session/limits'
import { newId } from '@portcullis/runtime/id'
import { newTraceparent } from '@portcullis/runtime/tracing'

/** Nobody waits for a whole table but the benchmark. */
const patient = { poolSize: 2, statementTimeoutMs: 1_800_000, deadlineMs: 1_800_000, planner: 'free' } as const

/** Opens a pool with a free planner and all the patience in the world. */
export function openPatient(url: string): Database {
  return connectDatabase({ url, name: 'bench', ...patient })
}

/** One of the staff, with a session's token. */
export interface BenchAdmin extends AskingStaff {
  readonly token: string
}

/** Makes an admin in a session with a second factor, proved just now, under the present fence. */
export async function makeAdmin({ sql }: Database, name: string): Promise<BenchAdmin> {
  const [accountId, id] = [newId('account'), newId('session')]
  const { token, hash } = newSessionToken()
  await sql`
    insert into accounts (id, email, email_key, name, role, password_changed_at)
    values (${accountId}, ${`${name}@staff.example`}, ${`${name}@staff.example`}, 'Admin', 'admin', now())`
  await sql`
    insert into sessions (id, account_id, token_hash, epoch, global_epoch, second_factor, expires_at)
    values (${id}, ${accountId}, ${hash}, 1, coalesce((select epoch from fences), 1), true, now() + interval '1 day')`
  const caller = { ip: null, userAgent: null, requestId: 'bench', traceparent: newTraceparent() }
  return { token, session: { id, accountId, role: 'admin' }, caller }
}

/** Drafts as the gateway does. */
export async function draft(
  database: Database,
  by: BenchAdmin,
  wish: Pick<RevocationWish, 'selector' | 'kinds' | 'fence'>,
): Promise<Id<'revocation'>> {
  const id = newId('revocation')
  const usual = { reason: 'Benchmark of bulk revocation', ratePerSecond: null, includeOwnSession: false }
  await inTransaction(database, (tx) => draftRevocation(tx, by, id, { ...usual, ...wish }, sessionLimits))
  return id
}
