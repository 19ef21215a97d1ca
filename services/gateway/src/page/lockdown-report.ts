import { html } from 'hono/html'
import type { ShownReport } from '../routes/lockdown/show.ts'
import { type Markup, productMark, wholePage } from './frame.ts'
import { inWords, momentOf, reportFacts, reportTable } from './report-part.ts'
import { reportStyle } from './report-style.ts'

const triggers: Readonly<Record<ShownReport['trigger'], string>> = {
  owner: 'by its owner',
  link: 'by a “this wasn’t me” link',
  admin: 'by staff',
  api_client: 'by the product',
  signal: 'by a risk signal',
  email_reverted: 'by a change of address that was taken back',
}

/** A report for reading and printing: no script, nothing loaded. */
export function lockdownReportPage(productName: string, report: ShownReport): Markup {
  return wholePage({
    title: `Lockdown report · ${productName}`,
    style: reportStyle,
    body: html`<main>
      ${productMark(productName)}
      <header>
        <h1>Lockdown report</h1>
        <p class="lead">
          Locked ${triggers[report.trigger]} at ${momentOf(report.openedAt)}.
          ${report.containedAt === null ? 'Not every step is proven yet.' : html`Every step was proven ${after(report, report.containedAt)} later.`}
          ${report.recoveredAt === null ? '' : html`The owner was back at ${momentOf(report.recoveredAt)}.`}
        </p>
      </header>
      ${factsOf(report)} ${stepsOf(report)} ${hostsOf(report)} ${itemsOf(report)} ${timelineOf(report)}
    </main>`,
  })
}

function factsOf(report: ShownReport): Markup {
  const facts: readonly (readonly [string, string])[] = [
    ['Lockdown', report.id],
    ['Account', report.accountId],
    ['State', report.state],
    ['Suspect since', momentOf(report.compromisedSince)],
    ['Reason', report.reason ?? 'none given'],
    ['Later triggers', String(report.joined)],
    ['Transaction of its events', report.txn],
  ]
  return reportFacts(facts)
}

function stepsOf(report: ShownReport): Markup {
  const rows = report.steps.map(
    (step) =>
      html`<tr>
        <th scope="row">${step.title}</th>
        <td><span class="state ${step.state}">${step.state}</span></td>
        <td>${inWords(step.counts)}</td>
        <td class="details">${step.proof === null ? '' : inWords(step.proof)}</td>
        <td class="number">${step.provenAt === null ? '' : `+${after(report, step.provenAt)}`}</td>
      </tr>`,
  )
  return reportTable('Steps and their proof', ['Step', 'State', 'Did', 'Read back', 'Proven'], rows)
}

function hostsOf({ unconfirmedHosts }: ShownReport): Markup {
  if (unconfirmedHosts.length === 0) return html``
  return html`<section class="alarm">
    <h2>Servers that have not confirmed</h2>
    <p>They have not fetched their keys since these were withdrawn; a key may still open them.</p>
    <ul>
      ${unconfirmedHosts.map(
        (one) => html`<li><b>${one.host}</b> (${one.rentalId}), withdrawn ${momentOf(one.withdrawnAt)}</li>`,
      )}
    </ul>
  </section>`
}

function itemsOf({ items }: ShownReport): Markup {
  if (items.length === 0) return html``
  const rows = items.map(
    (item) =>
      html`<tr class="${item.suspect ? 'suspect' : ''}">
        <td class="number">${momentOf(item.occurredAt)}</td>
        <th scope="row">${item.kind.replace('_', ' ')}${item.suspect ? ' (suspect)' : ''}</th>
        <td class="details">${inWords(item.summary)}</td>
        <td>${item.decision === null ? 'open' : `${item.decision}, by ${item.decidedBy ?? 'rule'}`}</td>
      </tr>`,
  )
  return reportTable('What was looked through', ['When', 'What', 'Known of it', 'Decided'], rows)
}

function timelineOf({ timeline }: ShownReport): Markup {
  const rows = timeline.map(
    (event) =>
      html`<tr>
        <td class="number">+${duration(event.milliseconds)}</td>
        <th scope="row"><code>${event.action}</code></th>
        <td>${event.actor.replace('_', ' ')}</td>
        <td class="details">${inWords(event.details)}</td>
      </tr>`,
  )
  return reportTable('Timeline', ['After the lock', 'What', 'Who', 'Details'], rows)
}

function after({ openedAt }: ShownReport, iso: string): string {
  return duration(Math.max(0, Date.parse(iso) - Date.parse(openedAt)))
}

function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(3)} s`
  const minutes = Math.floor(milliseconds / 60_000)
  const rest = Math.floor((milliseconds % 60_000) / 1000)
  return minutes < 60 ? `${minutes} min ${rest} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
