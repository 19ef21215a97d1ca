import type { Database } from '@portcullis/db/connect'
import { isStoreAway, withStore } from '@portcullis/db/transaction'
import { once } from '@portcullis/domain/idempotency/once'
import { requestPasswordResets, type ResetRequest } from '@portcullis/domain/reset/request'
import { Failure } from '@portcullis/contracts/errors'
import { createGather } from '@portcullis/runtime/gather'
import type { Answer, Route } from '../../http/mount.ts'
import { readEmail } from '../../http/read-email.ts'

const accepted = { status: 202, body: { status: 'accepted' } } as const satisfies Answer

/** `POST /v1/password-resets`. The same answer, by the same work, whatever the address. */
export function requestPasswordResetRoute(database: Database, bodyKey: Uint8Array): Route<'requestPasswordReset'> {
  // What arrives together is accepted together: under load the round trip is the cost, not the row.
  const accept = createGather<ResetRequest, void>({
    name: 'password_reset_accept',
    batchMost: 128,
    inFlightMost: 2,
    repeatable: (error) => !isStoreAway(error),
    async run(requests) {
      await withStore(database, (queries) => requestPasswordResets(queries, requests))
      database.wake()
      return requests.map(() => undefined)
    },
  })

  return async ({ body, caller, idempotencyKey }) => {
    const request = { emailKey: readEmail(body.email).key, caller }
    if (idempotencyKey === undefined) {
      await accept(request)
      return accepted
    }
    const result = await once(
      database,
      {
        route: 'requestPasswordReset',
        scope: 'anonymous',
        bodyKey,
        key: idempotencyKey,
        body: request.emailKey,
        status: accepted.status,
        answer: accepted.body,
      },
      async (tx) => {
        await requestPasswordResets(tx, [request])
        tx.wakeAfterCommit()
      },
    )
    if (result.kind === 'reused') throw new Failure('idempotency_key_reused')
    return accepted
  }
}
