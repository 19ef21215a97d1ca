import { html } from 'hono/html'
import type { ShownReport } from '../routes/lockdown/show.ts'
import { type Markup, productMark, wholePage } from './frame.ts'
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
          Locked ${triggers[report.trigger]} at ${moment(report.openedAt)}.
          ${report.containedAt === null ? 'Not every step is proven yet.' : html`Every step was proven ${after(report, report.containedAt)} later.`}
          ${report.recoveredAt === null ? '' : html`The owner was back at ${moment(report.recoveredAt)}.`}
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
    ['Suspect since', moment(report.compromisedSince)],
    ['Reason', report.reason ?? 'none given'],
    ['Later triggers', String(report.joined)],
    ['Transaction of its events', report.txn],
  ]
  return html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`
}

function stepsOf(report: ShownReport): Markup {
  return html`<section>
    <h2>Steps and their proof</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">State</th>
          <th scope="col">Did</th>
          <th scope="col">Read back</th>
          <th scope="col">Proven</th>
        </tr>
      </thead>
      <tbody>
        ${report.steps.map(
          (step) =>
            html`<tr>
              <th scope="row">${step.title}</th>
              <td><span class="state ${step.state}">${step.state}</span></td>
              <td>${pairs(step.counts)}</td>
              <td>${step.proof === null ? '' : pairs(step.proof)}</td>
              <td class="number">${step.provenAt === null ? '' : `+${after(report, step.provenAt)}`}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`
}

function hostsOf({ unconfirmedHosts }: ShownReport): Markup {
  if (unconfirmedHosts.length === 0) return html``
  return html`<section class="alarm">
    <h2>Servers that have not confirmed</h2>
    <p>They have not fetched their keys since these were withdrawn; a key may still open them.</p>
    <ul>
      ${unconfirmedHosts.map(
        (one) => html`<li><b>${one.host}</b> (${one.rentalId}), withdrawn ${moment(one.withdrawnAt)}</li>`,
      )}
    </ul>
  </section>`
}

function itemsOf({ items }: ShownReport): Markup {
  if (items.length === 0) return html``
  return html`<section>
    <h2>What was looked through</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">Known of it</th>
          <th scope="col">Decided</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (item) =>
            html`<tr class="${item.suspect ? 'suspect' : ''}">
              <td class="number">${moment(item.occurredAt)}</td>
              <th scope="row">${item.kind.replace('_', ' ')}${item.suspect ? ' (suspect)' : ''}</th>
              <td>${pairs(item.summary)}</td>
              <td>${item.decision === null ? 'open' : `${item.decision}, by ${item.decidedBy ?? 'rule'}`}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`
}

function timelineOf({ timeline }: ShownReport): Markup {
  return html`<section>
    <h2>Timeline</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">After the lock</th>
          <th scope="col">What</th>
          <th scope="col">Who</th>
          <th scope="col">Details</th>
        </tr>
      </thead>
      <tbody>
        ${timeline.map(
          (event) =>
            html`<tr>
              <td class="number">+${duration(event.milliseconds)}</td>
              <th scope="row"><code>${event.action}</code></th>
              <td>${event.actor.replace('_', ' ')}</td>
              <td>${pairs(event.details)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`
}

/** `revoked 3, living 0`: names and values, nothing nested. */
function pairs(record: Readonly<Record<string, unknown>>): string {
  return Object.entries(record)
    .filter(([name, value]) => value !== null && name !== 'txn' && name !== 'lockdownId')
    .map(([name, value]) => `${spaced(name)} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}

function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)} UTC`
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
