import type { MessageName } from '@portcullis/contracts/messages/index'
import type { Queries } from '@portcullis/db/connect'
import { expect } from 'vitest'

/** Expects that exactly the given payloads of a message are in the ledger, whatever their state. */
export async function expectEnqueued(
  queries: Queries,
  message: MessageName,
  payloads: readonly unknown[],
): Promise<void> {
  const rows = await queries.sql<{ payload: unknown }[]>`
    select payload from jobs where message = ${message} order by id`
  expect(
    rows.map((row) => row.payload),
    `jobs of ${message}`,
  ).toEqual(payloads)
}

/** An audit event as a test sees it. */
export interface AuditRow {
  readonly action: string
  readonly accountId: string | null
  readonly actor: string
  readonly subjectKind: string
  readonly subjectId: string
  readonly requestId: string | null
  readonly details: Record<string, unknown>
}

/** Reads the audit events about a subject, or all, oldest first. */
export async function listAudited(queries: Queries, subjectId?: string): Promise<AuditRow[]> {
  const rows = await queries.sql<AuditRow[]>`
    select action, account_id as "accountId", actor, subject_kind as "subjectKind", subject_id as "subjectId",
      request_id as "requestId", details
    from audit_events where ${subjectId ?? null}::uuid is null or subject_id = ${subjectId ?? null} order by id`
  return [...rows]
}

/** Expects that exactly these facts were recorded about a subject, in this order. */
export async function expectAudited(queries: Queries, subjectId: string, actions: readonly string[]): Promise<void> {
  const rows = await listAudited(queries, subjectId)
  expect(rows.map((row) => row.action)).toEqual(actions)
}
