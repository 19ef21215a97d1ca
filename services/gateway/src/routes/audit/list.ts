import { asId, formatId } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { type FoundAuditEvent, searchAuditEvents } from '@portcullis/db/queries/audit-search'
import { listSeals } from '@portcullis/db/queries/audit-seal'
import { withStore } from '@portcullis/db/transaction'
import { sealLine } from '@portcullis/domain/audit/export'
import type { Route } from '../../http/mount.ts'

const pageMost = 50

/** `GET /v1/admin/audit-events`. */
export function listAuditEventsRoute(database: Database): Route<'listAuditEvents'> {
  return async ({ query }) => {
    const { limit = pageMost, cursor, ...filter } = query
    const before = cursor === undefined ? null : { micros: cursor.slice(0, 16), id: cursor.slice(16) }
    const rows = await withStore(database, (queries) => searchAuditEvents(queries, filter, before, limit + 1))
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const nextCursor = rows.length > limit && last ? last.micros.padStart(16, '0') + last.id.replaceAll('-', '') : null
    return { status: 200, body: { items: page.map(showEvent), nextCursor } }
  }
}

function showEvent(row: FoundAuditEvent) {
  return {
    id: formatId('auditEvent', row.id),
    occurredAt: row.occurredAt.toISOString(),
    action: row.action,
    accountId: row.accountId === null ? null : formatId('account', row.accountId),
    actor: row.actor,
    actorId: showActor(row),
    subject: { kind: row.subjectKind, id: row.subjectId },
    requestId: row.requestId,
    details: row.details,
    erased: row.erased,
    sequence: row.sequence,
    seal: row.seal,
  }
}

function showActor({ actor, actorId }: FoundAuditEvent): string | null {
  if (actorId === null) return null
  if (actor === 'api_client') return formatId('apiClient', asId('apiClient', actorId))
  return formatId('account', asId('account', actorId))
}

/** `GET /v1/admin/audit-seals`. */
export function listAuditSealsRoute(database: Database): Route<'listAuditSeals'> {
  return async ({ query: { limit = pageMost, cursor } }) => {
    const rows = await withStore(database, (queries) => listSeals(queries, cursor ?? null, limit + 1))
    const items = rows.slice(0, limit).map((row) => {
      const { kind: _kind, ...seal } = sealLine(row)
      return { ...seal, anchoredAt: row.anchoredAt?.toISOString() ?? null }
    })
    return { status: 200, body: { items, nextCursor: rows.length > limit ? String(items.at(-1)?.seal) : null } }
  }
}
