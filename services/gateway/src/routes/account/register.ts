import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { inTransaction } from '@portcullis/db/transaction'
import { once } from '@portcullis/domain/idempotency/once'
import type { PasswordHasher } from '@portcullis/domain/password/hash'
import type { PasswordVetter } from '@portcullis/domain/password/vet'
import { requestRegistration, vetRegistration } from '@portcullis/domain/registration/request'
import type { Answer, Route } from '../../http/mount.ts'
import { readEmail } from '../../http/read-email.ts'

const accepted = { status: 202, body: { status: 'accepted' } } as const satisfies Answer

/** `POST /v1/accounts`. The same answer, after the same work, whether or not the address is free. */
export function registerAccountRoute(deps: {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly vet: PasswordVetter
  readonly idempotencyKey: Uint8Array
}): Route<'registerAccount'> {
  return async ({ body, caller, idempotencyKey }) => {
    const { address, key } = readEmail(body.email)
    const { password, name } = body
    const vetted = await vetRegistration(deps, { email: address, emailKey: key, password, name })
    if ('faults' in vetted) throw new Failure('password_refused', { faults: vetted.faults })
    if (idempotencyKey === undefined) {
      await inTransaction(deps.database, (tx) => requestRegistration(tx, vetted, caller))
      return accepted
    }
    const result = await once(
      deps.database,
      {
        route: 'registerAccount',
        scope: 'anonymous',
        bodyKey: deps.idempotencyKey,
        key: idempotencyKey,
        body: JSON.stringify([key, password, name]),
        status: accepted.status,
        answer: accepted.body,
      },
      (tx) => requestRegistration(tx, vetted, caller),
    )
    if (result.kind === 'reused') throw new Failure('idempotency_key_reused')
    return accepted
  }
}
