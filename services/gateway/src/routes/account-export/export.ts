import { Failure } from '@portcullis/contracts/errors'
import { formatId } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { type ExportRow, findExport } from '@portcullis/db/queries/account-export'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import { fetchOwnExport } from '@portcullis/domain/export/fetch'
import { requestExport } from '@portcullis/domain/export/request'
import { once } from '@portcullis/domain/idempotency/once'
import type { Sealer } from '@portcullis/runtime/seal'
import type { Answer, Route } from '../../http/mount.ts'

/** `POST /v1/account/exports`. */
export function requestExportRoute(deps: {
  readonly database: Database
  readonly idempotencyKey: Uint8Array
}): Route<'requestExport'> {
  return async ({ session, caller, idempotencyKey }) => {
    const request = async (tx: Tx) => showExport(await requestExport(tx, session, caller))
    if (idempotencyKey === undefined) return accepted(await inTransaction(deps.database, request))
    let answer: Record<string, unknown> | undefined
    const result = await once(
      deps.database,
      {
        route: 'requestExport',
        scope: session.accountId,
        key: idempotencyKey,
        body: '',
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

/** `GET /v1/account/exports/{id}`. */
export function getExportRoute(database: Database): Route<'getExport'> {
  return async ({ session, params }) => {
    const found = await withStore(database, (queries) => findExport(queries, session.accountId, params.id))
    if (!found) throw new Failure('not_found')
    return { status: 200, body: showExport(found) }
  }
}

/** `GET /v1/account/exports/{id}/download`. One part is in memory at a time, and read only when the reader takes it. */
export function fetchExportRoute(deps: {
  readonly database: Database
  readonly exportSealer: Sealer
}): Route<'fetchExport'> {
  return async ({ session, params, caller }) => {
    const parts = await fetchOwnExport(deps.database, deps.exportSealer, session, params.id, caller)
    if (!parts) throw new Failure('not_found')
    const stream = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await parts.next()
          if (done) controller.close()
          else controller.enqueue(value)
        },
        async cancel() {
          await parts.return(undefined)
        },
      },
      { highWaterMark: 1 },
    )
    return { status: 200, stream }
  }
}

function accepted(body: Record<string, unknown>): Answer {
  return { status: 202, body, location: `/v1/operations/${String(body['id'])}` }
}

function showExport({ id, state, createdAt, readyAt, expiresAt }: ExportRow): Record<string, unknown> {
  return {
    id: formatId('operation', id),
    state,
    createdAt: createdAt.toISOString(),
    readyAt: readyAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  }
}
