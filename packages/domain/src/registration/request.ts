import type { Fault } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { insertRegistration } from '@portcullis/db/queries/registration'
import type { Tx } from '@portcullis/db/transaction'
import { newId } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { enqueue } from '../job/enqueue.ts'
import type { PasswordHasher } from '../password/hash.ts'
import type { PasswordVetter } from '../password/vet.ts'

/** Hours that the mailed link confirms an address. */
export const registrationValidHours = 24

/** Somebody who wants an account. */
export interface RegistrationInput {
  readonly email: string
  readonly emailKey: string
  readonly password: string
  readonly name: string
}

/** A registration that may be written. */
export interface VettedRegistration {
  readonly id: Id<'registration'>
  readonly input: RegistrationInput
  readonly passwordHash: string
}

/**
 * Vets and hashes: the costly part, outside the transaction, and the same work whether or not the address is free.
 * Gives every broken rule of the password at once.
 */
export async function vetRegistration(
  deps: { readonly hasher: PasswordHasher; readonly vet: PasswordVetter },
  input: RegistrationInput,
): Promise<VettedRegistration | { readonly faults: readonly Fault[] }> {
  const faults = await deps.vet(input.password, { email: input.email, name: input.name, secondFactor: false })
  if (faults.length > 0) return { faults }
  return { id: newId('registration'), input, passwordHash: await deps.hasher.hash(input.password) }
}

/**
 * Records a registration. Nothing is looked up: the mail that follows tells the owner of the address, and nobody else,
 * whether there is an account already.
 */
export async function requestRegistration(tx: Tx, vetted: VettedRegistration, caller: Caller): Promise<void> {
  const { id, input, passwordHash } = vetted
  const { email, emailKey, name } = input
  await insertRegistration(
    tx,
    {
      id,
      email,
      emailKey,
      name,
      passwordHash,
      salt: randomBytesOf(16),
      ip: caller.ip,
      userAgent: caller.userAgent,
    },
    registrationValidHours,
  )
  await recordFacts(tx, [
    {
      action: 'user_registration_requested',
      accountId: null,
      actor: 'anonymous',
      subject: { kind: 'registration', id },
      requestId: caller.requestId,
    },
  ])
  await enqueue(tx, 'registration.requested', { registrationId: id }, caller.traceparent)
}
