import { html } from 'hono/html'
import type { Markup } from './frame.ts'

/** What a report is of: names and values, side by side. */
export function reportFacts(facts: readonly (readonly [name: string, value: string])[]): Markup {
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

/** A part of a report: a table under a heading. Each row is its `<tr>`. */
export function reportTable(heading: string, columns: readonly string[], rows: readonly Markup[]): Markup {
  return html`<section>
    <h2>${heading}</h2>
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </section>`
}

/** A moment in UTC, to the millisecond: `2026-11-22 17:54:27.729 UTC`. */
export function momentOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)} UTC`
}

/**
 * Names and values in words: `revoked 3, living 0`. What is nested is told by its own names, a list by its members, and what is
 * not known or says nothing to a reader is left out.
 */
export function inWords(record: Readonly<Record<string, unknown>>): string {
  return Object.entries(record)
    .filter(([name, value]) => value !== null && value !== undefined && name !== 'txn' && name !== 'lockdownId')
    .map(([name, value]) => (isRecord(value) ? inWords(value) : `${spaced(name)} ${told(value)}`))
    .filter((words) => words !== '')
    .join(', ')
}

const isoMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+(?:Z|\+00:00)$/

function told(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return isoMoment.test(value) ? momentOf(value) : value
  if (!Array.isArray(value)) return JSON.stringify(value)
  return value.length === 0 ? 'none' : value.map((one) => (isRecord(one) ? `(${inWords(one)})` : told(one))).join(' + ')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function spaced(name: string): string {
  return name.replaceAll('_', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
