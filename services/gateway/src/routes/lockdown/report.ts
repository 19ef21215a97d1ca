import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { readLockdownReport } from '@portcullis/domain/lockdown/report'
import type { Answer, Route } from '../../http/mount.ts'
import { lockdownReportPage } from '../../page/lockdown-report.ts'
import { reportStyle } from '../../page/report-style.ts'
import { showReport } from './show.ts'

/** What reports are made with. */
export interface ReportDeps {
  readonly database: Database
  readonly pages: { readonly productName: string }
}

/** `GET /v1/account/lockdowns/{id}/report`. */
export function getLockdownReportRoute(deps: ReportDeps): Route<'getLockdownReport'> {
  return ({ accountId, params, query }) => answerReport(deps, params.id, query.format, accountId)
}

/** `GET /v1/admin/lockdowns/{id}/report`. */
export function getLockdownReportAsStaffRoute(deps: ReportDeps): Route<'getLockdownReportAsStaff'> {
  return ({ params, query }) => answerReport(deps, params.id, query.format)
}

async function answerReport(
  { database, pages }: ReportDeps,
  id: Id<'lockdown'>,
  format: 'json' | 'html' | undefined,
  accountId?: Id<'account'>,
): Promise<Answer> {
  const report = await readLockdownReport(database, id, accountId)
  if (!report) throw new Failure('not_found')
  const body = showReport(report)
  if (format !== 'html') return { status: 200, body }
  return { status: 200, page: String(await lockdownReportPage(pages.productName, body)), style: reportStyle }
}
