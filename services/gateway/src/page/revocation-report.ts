import { html } from 'hono/html'
import type { ShownRevocationReport } from '../routes/revocation/report.ts'
import { type Markup, productMark, wholePage } from './frame.ts'
import { momentOf, reportFacts, reportTable } from './report-part.ts'
import { reportStyle } from './report-style.ts'

type Report = ShownRevocationReport
type Counts = NonNullable<Report['revoked']>

/** A report of a bulk revocation for reading, printing and handing in: no script, nothing loaded. */
export function revocationReportPage(productName: string, report: Report): Markup {
  return wholePage({
    title: `Bulk revocation report · ${productName}`,
    style: reportStyle,
    body: html`<main>
      ${productMark(productName)}
      <header>
        <h1>Bulk revocation report</h1>
        <p class="lead">
          ${report.startedAt === null ? 'It was not started.' : `Started at ${momentOf(report.startedAt)}.`}
          ${report.endedAt === null ? '' : `Ended at ${momentOf(report.endedAt)}.`}
          ${report.undoneAt === null ? '' : `Undone at ${momentOf(report.undoneAt)}.`}
        </p>
      </header>
      ${factsOf(report)} ${countsOf(report)} ${failuresOf(report)} ${timelineOf(report)}
    </main>`,
  })
}

function factsOf(report: Report): Markup {
  const facts: readonly (readonly [string, string])[] = [
    ['Revocation', report.id],
    ['State', report.state],
    ['Reason', report.reason],
    ['Whom', JSON.stringify(report.selector).slice(0, 2000)],
    ['What', report.kinds.join(', ')],
    ['Fence of the house', report.fence ? 'raised at the start' : 'left as it was'],
    ['Drafted by', `${report.createdBy}, ${momentOf(report.createdAt)}`],
    ['Approved by', approvalOf(report)],
    ['Started by', report.startedBy ?? 'nobody'],
    ['Undone by', report.undoneBy ?? 'nobody'],
    ['Session of whoever drafted it', report.sparesOwnSession ? 'spared' : 'ended as well'],
    ['Can be undone until', report.undoUntil === null ? 'not now' : momentOf(report.undoUntil)],
  ]
  return reportFacts(facts)
}

function approvalOf({ approvedBy, approvedAt, needsApproval }: Report): string {
  if (approvedBy !== null && approvedAt !== null) return `${approvedBy}, ${momentOf(approvedAt)}`
  return needsApproval ? 'nobody yet' : 'not needed'
}

function countsOf({ counts, revoked, restored, targets }: Report): Markup {
  const rows: readonly (readonly [string, number | null, Counts | null])[] = [
    ['Counted by the dry run', counts.accounts, counts],
    ['Revoked', targets.done + targets.undone, revoked],
    ['Brought back', restored === null ? null : targets.undone, restored],
  ]
  const cell = (value: number | null | undefined) =>
    html`<td class="number">${value === null || value === undefined ? '' : value.toLocaleString('en')}</td>`
  const lines = rows.map(
    ([name, accounts, kinds]) =>
      html`<tr>
        <th scope="row">${name}</th>
        ${cell(accounts)} ${cell(kinds?.sessions)} ${cell(kinds?.apiKeys)} ${cell(kinds?.sshKeys)}
      </tr>`,
  )
  return html`${reportTable('What it came to', ['', 'Accounts', 'Sessions', 'API keys', 'SSH keys'], lines)}
    <p class="lead">
      Targets: ${targets.done} done, ${targets.pending} pending, ${targets.failed} failed, ${targets.undone} undone.
    </p>`
}

function failuresOf({ failures }: Report): Markup {
  if (failures.length === 0) return html``
  return html`<section class="alarm">
    <h2>Accounts that could not be done</h2>
    <ul>
      ${failures.map((one) => html`<li><code>${one.accountId}</code>: ${one.errorCode ?? 'unknown'}</li>`)}
    </ul>
  </section>`
}

function timelineOf({ timeline }: Report): Markup {
  const rows = timeline.map(
    (event) =>
      html`<tr>
        <td class="number">${momentOf(event.at)}</td>
        <th scope="row"><code>${event.action}</code></th>
        <td>${event.actor} ${event.actorId ?? ''}</td>
      </tr>`,
  )
  return reportTable('Who did what', ['When', 'What', 'Who'], rows)
}
