import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { findAccountEmailKey } from '@portcullis/db/queries/account-address'
import { insertEmailChange, isCoolingDown, voidPendingChange } from '@portcullis/db/queries/email-change'
import { lockSessionAccount } from '@portcullis/db/queries/fence'
import type { LivingSession } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { enqueue } from '../job/enqueue.ts'
import { notifyOwner } from '../notice/notify.ts'
import { countAttempt } from '../throttle/take.ts'
import type { EmailAddress } from './address.ts'
import { changeFact } from './change-fact.ts'
import { changeRule, changeValidHours } from './change-rule.ts'

/** A request that was taken. */
export interface RequestedEmailChange {
  readonly id: Id<'emailChange'>
  /** Until when the new mailbox can confirm. */
  readonly expiresAt: Date
}

/**
 * Takes an owner's wish for another address, in the caller's transaction: the request, the audit event, the notice to the old
 * address, the job that mails the new one. Whether the new address has an account is not looked up, so neither the answer nor
 * its time tells (ASVS 5 6.3.8). A request that is open gives way. Throws `Failure`, so that all is undone:
 * `credential_required` where the session has ended meanwhile, `cooling_down` while the last change can be taken back,
 * `validation_failed` for the address that is there, `rate_limited` after five within an hour.
 */
export async function requestEmailChange(
  tx: Tx,
  session: LivingSession,
  email: Pick<EmailAddress, 'address' | 'key'>,
  caller: Caller,
): Promise<RequestedEmailChange> {
  const { accountId } = session
  if (!(await lockSessionAccount(tx, session))) throw new Failure('credential_required')
  if (await isCoolingDown(tx, accountId)) throw new Failure('cooling_down')
  if ((await findAccountEmailKey(tx, accountId)) === email.key) throw unchanged()
  const own = await countAttempt(tx, [{ name: `email-change|account|${accountId}`, rule: changeRule }])
  if (!own.admitted) throw new Failure('rate_limited', { retryAfterSeconds: own.waitSeconds })
  // A mailbox that has had enough is left alone, and the answer is the same.
  const mailbox = await countAttempt(tx, [{ name: `email-change|mailbox|${email.key}`, rule: changeRule }])
  const by = { actor: 'account', actorId: accountId, requestId: caller.requestId } as const
  const older = await voidPendingChange(tx, accountId)
  const id = newId('emailChange')
  const change = { id, accountId, newEmail: email.address, newEmailKey: email.key }
  const salts = { confirmSalt: randomBytesOf(16), revertSalt: randomBytesOf(16) }
  const expiresAt = await insertEmailChange(tx, { ...change, ...salts }, changeValidHours)
  await recordFacts(tx, [
    ...(older === undefined
      ? []
      : [changeFact('email_change_void', { id: older, accountId }, by, { because: 'newer' })]),
    changeFact('email_change_requested', change, by, { by: session.id }),
    ...(mailbox.admitted ? [] : [changeFact('excess_rate_limit_exceeded', change, by)]),
  ])
  await notifyOwner(tx, { accountId, kind: 'email_change_requested', caller })
  if (mailbox.admitted) await enqueue(tx, 'email.changing', { emailChangeId: id }, caller.traceparent)
  tx.wakeAfterCommit()
  return { id, expiresAt }
}

function unchanged(): Failure {
  const detail = 'must be another one than the account has'
  return new Failure('validation_failed', { faults: [{ pointer: '/email', code: 'email_unchanged', detail }] })
}
