import { Failure } from '@portcullis/contracts/errors'
import type { Database } from '@portcullis/db/connect'
import { type ClosingRow, findLatestClosing } from '@portcullis/db/queries/account-closing'
import { inTransaction, withStore } from '@portcullis/db/transaction'
import { cancelClosingByToken, cancelOwnClosing } from '@portcullis/domain/closing/cancel'
import { requestClosing } from '@portcullis/domain/closing/request'
import type { Route } from '../../http/mount.ts'

/** `DELETE /v1/account`. */
export function closeAccountRoute(deps: {
  readonly database: Database
  /** Until then it can be kept. */
  readonly closingDays: number
}): Route<'closeAccount'> {
  return async ({ session, caller }) => {
    const closing = await inTransaction(deps.database, (tx) => requestClosing(tx, session, deps.closingDays, caller))
    return { status: 202, body: showClosing(closing), location: '/v1/account/closing' }
  }
}

/** `GET /v1/account/closing`. */
export function getClosingRoute(database: Database): Route<'getClosing'> {
  return async ({ session }) => {
    const closing = await withStore(database, (queries) => findLatestClosing(queries, session.accountId))
    if (!closing) throw new Failure('not_found')
    return { status: 200, body: showClosing(closing) }
  }
}

/** `POST /v1/account/closing/cancellation`. */
export function cancelClosingRoute(database: Database): Route<'cancelClosing'> {
  return async ({ session, caller }) => {
    if (!(await cancelOwnClosing(database, session, caller))) throw new Failure('not_found')
    return { status: 204 }
  }
}

/** `POST /v1/account-closings/cancellations`. */
export function keepAccountRoute(database: Database): Route<'keepAccount'> {
  return async ({ body, caller }) => {
    if (!(await cancelClosingByToken(database, body.token, caller))) throw new Failure('token_invalid')
    return { status: 204 }
  }
}

function showClosing({ state, requestedAt, dueAt, endedAt }: ClosingRow): Record<string, unknown> {
  return {
    state: state === 'erased' ? 'closed' : state,
    requestedAt: requestedAt.toISOString(),
    dueAt: dueAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  }
}
