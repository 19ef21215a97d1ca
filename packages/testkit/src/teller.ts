import type { Id } from '@portcullis/contracts/ids'
import { inTransaction } from '@portcullis/db/transaction'
import type { Database } from '@portcullis/db/connect'
import { recordFacts } from '@portcullis/domain/audit/record'
import { enqueue } from '@portcullis/domain/job/enqueue'

/** Does what the notifier does for a lockdown, without a mail server: the owner is told, and support. Says so. */
export async function tellOfLockdown(database: Database, lockdownId: Id<'lockdown'>): Promise<void> {
  await inTransaction(database, async (tx) => {
    await tx.sql`update notices set mailed_at = now() where lockdown_id = ${lockdownId} and mailed_at is null`
    const [row] = await tx.sql<{ accountId: Id<'account'> }[]>`
      select account_id as "accountId" from lockdowns where id = ${lockdownId}`
    if (!row) throw new Error('no such lockdown')
    const subject = { kind: 'lockdown', id: lockdownId }
    await recordFacts(tx, [
      { action: 'support_told', accountId: row.accountId, actor: 'system', subject, details: { lockdownId } },
    ])
    await enqueue(tx, 'run.lockdown', { lockdownId }, undefined)
  })
}
