import type { Database } from '@portcullis/db/connect'
import { inTransaction } from '@portcullis/db/transaction'
import { exportAudit } from '@portcullis/domain/audit/export'
import type { AuditKeys } from '@portcullis/domain/audit/key'
import { noteAuditExport } from '@portcullis/domain/audit/note-export'
import type { Route } from '../../http/mount.ts'

/** What exports are made with. */
export interface AuditDeps {
  readonly database: Database
  readonly auditKeys: AuditKeys
}

/** So long anybody may keep the public keys. */
const cacheSeconds = 300

/** `GET /v1/admin/audit-events/export`. One seal is in memory at a time, and read only when the reader takes it. */
export function exportAuditEventsRoute({ database, auditKeys }: AuditDeps): Route<'exportAuditEvents'> {
  return async ({ query, session, caller }) => {
    await inTransaction(database, (tx) => noteAuditExport(tx, session, caller, query))
    const parts = exportAudit(database, auditKeys, query)
    const encoder = new TextEncoder()
    const stream = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await parts.next()
          if (done) return controller.close()
          controller.enqueue(encoder.encode(value.map((line) => `${JSON.stringify(line)}\n`).join('')))
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

/** `GET /.well-known/portcullis-audit-keys`. */
export function getAuditKeysRoute({ auditKeys }: Pick<AuditDeps, 'auditKeys'>): Route<'getAuditKeys'> {
  return async () => ({ status: 200, body: { keys: auditKeys.published }, cacheSeconds })
}
