import type { AuditAction } from '@portcullis/contracts/audit-action'
import { formatId } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import {
  type LivingRental,
  listRentalKeys,
  type RentalKey,
  touchRental,
  updateRentalKeysFetched,
} from '@portcullis/db/queries/rental'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { type Fact, recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { authorizedKeysLine } from '../ssh-key/authorized-keys.ts'

/**
 * The lines that a rented server may let in now, for `AuthorizedKeysCommand`: each `type base64 portcullis:ssh_…`. Judged
 * at this moment; nothing is cached. What the host is given is deployed from here on, and what it is no longer given is
 * confirmed as gone, each with an audit event. `undefined` where the account is not active, or a fence has voided all of
 * its keys: then the host is to be refused.
 */
export async function fetchAuthorizedKeys(
  database: Database,
  rental: LivingRental,
  caller: Caller,
): Promise<readonly string[] | undefined> {
  const keys = await withStore(database, (queries) => listRentalKeys(queries, rental.id))
  if (rental.accountState !== 'active') {
    // A host that is refused lets nobody in: what was withdrawn is gone from it, and that is what a lockdown waits to see.
    await noteFetch(database, rental, keys, caller)
    return undefined
  }
  const held = keys.filter((key) => key.state !== 'withdrawn')
  const given = held.filter((key) => key.alive)
  if (held.length > 0 && given.length === 0) return undefined
  const lines = given.map((key) => authorizedKeysLine(key.canonical, `portcullis:${formatId('sshKey', key.keyId)}`))
  await noteFetch(database, rental, keys, caller)
  return lines
}

/** Marks exactly what was read: a key that was revoked in between is not confirmed as gone by this fetch. */
async function noteFetch(
  database: Database,
  rental: LivingRental,
  keys: readonly RentalKey[],
  caller: Caller,
): Promise<void> {
  const given = keys.filter((key) => key.alive && key.state === 'pending').map((key) => key.keyId)
  const gone = keys.filter((key) => key.state === 'withdrawn' && key.confirmedAt === null).map((key) => key.keyId)
  if (given.length + gone.length === 0) {
    await withStore(database, (queries) => touchRental(queries, rental.id))
    return
  }
  await inTransaction(database, async (tx) => {
    const { deployed, confirmed } = await updateRentalKeysFetched(tx, rental.id, { given, gone })
    const fact = (action: AuditAction, id: string): Fact => ({
      action,
      accountId: rental.accountId,
      actor: 'system',
      subject: { kind: 'ssh_key', id },
      requestId: caller.requestId,
      details: { rental: rental.id },
    })
    await recordFacts(tx, [
      ...deployed.map((id) => fact('ssh_key_deployed', id)),
      ...confirmed.map((id) => fact('ssh_key_withdrawal_confirmed', id)),
    ])
  })
}
