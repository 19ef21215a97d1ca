import { Failure } from '@portcullis/contracts/errors'
import { formatId } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { requestEmailChange } from '@portcullis/domain/email/request-change'
import { once } from '@portcullis/domain/idempotency/once'
import type { Answer, Route } from '../../http/mount.ts'
import { readEmail } from '../../http/read-email.ts'

/** `POST /v1/account/email-changes`. */
export function requestEmailChangeRoute(deps: {
  readonly database: Database
  readonly idempotencyKey: Uint8Array
}): Route<'requestEmailChange'> {
  return async ({ session, body, caller, idempotencyKey }) => {
    const email = readEmail(body.email)
    const request = async (tx: Tx): Promise<Record<string, unknown>> => {
      const { id, expiresAt } = await requestEmailChange(tx, session, email, caller)
      return { id: formatId('emailChange', id), state: 'requested', expiresAt: expiresAt.toISOString() }
    }
    if (idempotencyKey === undefined) return accepted(await inTransaction(deps.database, request))
    let answer: Record<string, unknown> | undefined
    const result = await once(
      deps.database,
      {
        route: 'requestEmailChange',
        scope: session.accountId,
        key: idempotencyKey,
        body: JSON.stringify([email.address]),
        bodyKey: deps.idempotencyKey,
        status: 202,
        answer: {},
      },
      async (tx) => (answer = await request(tx)),
    )
    if (result.kind === 'reused') throw new Failure('idempotency_key_reused')
    // Guarantee: what is repeated was stored by the line above, under a route and scope that nobody else uses.
    if (result.kind === 'repeated') return accepted(result.answer as Record<string, unknown>)
    if (!answer) throw new Error('the work of a new key was not done')
    return accepted(answer)
  }
}

function accepted(body: Record<string, unknown>): Answer {
  return { status: 202, body, location: '/v1/account/email-changes' }
}
