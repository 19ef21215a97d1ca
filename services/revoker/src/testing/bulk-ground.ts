import type { Id } from '@portcullis/contracts/ids'
import { connectDatabase, type Database } from '@portcullis/db/connect'
import { findRevocation, type RevocationRow } from '@portcullis/db/queries/revocation'
import { inTransaction } from '@portcullis/db/transaction'
import type { AskingStaff } from '@portcullis/domain/admin/staff'
import { draftRevocation, type RevocationWish } from '@portcullis/domain/revocation/draft'
import { moveRevocation } from '@portcullis/domain/revocation/move'
import type { RevocationMove } from '@portcullis/domain/revocation/rules'
import { sessionLimits } from '@portcullis/domain/session/limits'
import type { LagProbe } from '@portcullis/domain/sweep/lag'
import type { HandlersFor } from '@portcullis/queue/handler'
import { systemClock } from '@portcullis/runtime/clock'
import { newId } from '@portcullis/runtime/id'
import { createLogger } from '@portcullis/runtime/log'
import { makeAccount, makeCaller, makeSession } from '@portcullis/testkit/factory'
import { makeCredentials } from '@portcullis/testkit/full-account'
import { perform, type PerformedJob } from '@portcullis/testkit/perform'
import { handleRunRevocation } from '../jobs/run.revocation/handle.ts'
import { createShardRunner } from '../run-shard.ts'

/** All kinds, everyone of one domain, nothing special. */
export const usualWish: RevocationWish = {
  selector: { emailDomain: 'example.com' },
  kinds: ['sessions', 'apiKeys', 'sshKeys'],
  reason: 'Incident 4711: phished',
  fence: false,
  ratePerSecond: null,
  includeOwnSession: false,
}

/** Makes an admin in a session with a second factor. */
export async function makeAdmin(database: Database): Promise<AskingStaff> {
  const { id: accountId } = await makeAccount(database, { email: `admin-${newId('job')}@staff.example` })
  await database.sql`update accounts set role = 'admin' where id = ${accountId}`
  const id = await makeSession(database, accountId)
  await database.sql`
    update sessions set second_factor = true, global_epoch = coalesce((select epoch from fences), 1) where id = ${id}`
  return { session: { id, accountId, role: 'admin' }, caller: makeCaller() }
}

/** Makes accounts with two sessions, three API keys and three SSH keys each, in the domain that the usual wish names. */
export async function makeTargets(database: Database, count: number): Promise<Id<'account'>[]> {
  const ids: Id<'account'>[] = []
  for (let n = 0; n < count; n += 1) {
    const { id } = await makeAccount(database)
    await makeCredentials(database, id, 2)
    ids.push(id)
  }
  return ids
}

/** Drafts on a connection with a free planner, as the gateway does. */
export async function draft(
  url: string,
  by: AskingStaff,
  wish: Partial<RevocationWish> = {},
): Promise<Id<'revocation'>> {
  const free = connectDatabase({ url, name: 'free', poolSize: 1, planner: 'free' })
  const id = newId('revocation')
  try {
    await inTransaction(free, (tx) => draftRevocation(tx, by, id, { ...usualWish, ...wish }, sessionLimits))
  } finally {
    await free.close()
  }
  return id
}

/** Reads it, where it must be. */
export async function read(database: Database, id: Id<'revocation'>): Promise<RevocationRow> {
  const row = await findRevocation(database, id)
  if (!row) throw new Error('the revocation is there')
  return row
}

/** Moves it; where it must be. */
export async function move(database: Database, by: AskingStaff, id: Id<'revocation'>, how: RevocationMove) {
  if (!(await moveRevocation(database, by, id, how))) throw new Error('the revocation is there')
}

/** The runner of a revoker, with its settings of production. */
export function makeRunner(probe: LagProbe = async () => undefined) {
  const log = createLogger({ service: 'revoker', level: 'silent' })
  return createShardRunner({ probe, clock: systemClock, log, limits: sessionLimits, leaseSeconds: 10, pauseMs: 5 })
}

/** Works off every job that is due for the revoker, each delivered so many times at once. */
export async function work(database: Database, deliveries = 1, probe?: LagProbe): Promise<PerformedJob[]> {
  const handlers: HandlersFor<'revoker'> = {
    'run.revocation': handleRunRevocation({ run: makeRunner(probe), leaseSeconds: 10 }),
  }
  return perform(database, 'revoker', handlers, deliveries)
}
