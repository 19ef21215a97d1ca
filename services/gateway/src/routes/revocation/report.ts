import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { findRevocation, listRevocationEvents } from '@portcullis/db/queries/revocation'
import { countTargets, listTargets, type TargetRow } from '@portcullis/db/queries/revocation-target'
import { withStore } from '@portcullis/db/transaction'
import { revocationActions } from '@portcullis/domain/revocation/move'
import type { AppDeps } from '../../app-deps.ts'
import type { Route } from '../../http/mount.ts'
import { reportStyle } from '../../page/report-style.ts'
import { revocationReportPage } from '../../page/revocation-report.ts'
import { showRevocation, showRevocationEvent, showTarget } from './show.ts'

const eventsMost = 200
const failuresMost = 100
const linesAtOnce = 1000

/** A report as JSON shows it. */
export type ShownRevocationReport = NonNullable<Awaited<ReturnType<typeof readReport>>>

/** `GET /v1/admin/revocations/{id}/report`. */
export function getRevocationReportRoute({ reports, pages }: AppDeps): Route<'getRevocationReport'> {
  return async ({ params: { id }, query: { format } }) => {
    if (format === 'csv') {
      if (!(await withStore(reports, (queries) => findRevocation(queries, id)))) throw new Failure('not_found')
      return { status: 200, stream: streamTargets(reports, id), csvName: `revocation-${id}.csv` }
    }
    const body = await readReport(reports, id)
    if (!body) throw new Failure('not_found')
    if (format !== 'html') return { status: 200, body }
    return { status: 200, page: String(await revocationReportPage(pages.productName, body)), style: reportStyle }
  }
}

async function readReport(reports: Database, id: Id<'revocation'>) {
  return withStore(reports, async (queries) => {
    const row = await findRevocation(queries, id)
    if (!row) return undefined
    const failures = await listTargets(queries, id, { state: 'failed', after: null, limit: failuresMost })
    const timeline = await listRevocationEvents(queries, id, revocationActions, eventsMost)
    return {
      ...showRevocation(row),
      targets: { ...(await countTargets(queries, id)) },
      failures: failures.map(showTarget),
      timeline: timeline.map(showRevocationEvent),
    }
  })
}

const columns = ['accountId', 'state', 'sessions', 'apiKeys', 'sshKeys', 'errorCode', 'doneAt'] as const

/** Every target, a page of the store at a time as the reader takes it: ids, codes and numbers, nothing to be quoted. Source: RFC 4180. */
function streamTargets(reports: Database, id: Id<'revocation'>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let after: string | null = null
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(`${columns.join(',')}\r\n`)),
    async pull(controller) {
      const page = { state: null, after, limit: linesAtOnce }
      const rows: TargetRow[] = await withStore(reports, (queries) => listTargets(queries, id, page))
      after = rows.at(-1)?.accountId ?? null
      if (rows.length > 0) controller.enqueue(encoder.encode(rows.map(lineOf).join('')))
      if (rows.length < linesAtOnce) controller.close()
    },
  })
}

function lineOf(row: TargetRow): string {
  const shown = showTarget(row)
  return `${columns.map((column) => shown[column] ?? '').join(',')}\r\n`
}
