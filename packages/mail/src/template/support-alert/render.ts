import type { Fact } from '../../letter.ts'
import { linkText } from '../../link.ts'
import { markup } from '../../markup.ts'
import type { Rendered } from '../../rendered.ts'
import { shownText } from '../../shown-text.ts'

/** What the people of support are told: ids and codes, nothing about a person. */
export interface SupportAlertMail {
  readonly product: string
  readonly title: string
  readonly facts: readonly Fact[]
  /** Where staff reads more. */
  readonly report: URL
}

/** A mail to colleagues: plain, short, in English. */
export function renderSupportAlert({ product, title, facts, report }: SupportAlertMail): Rendered {
  const link = linkText(report)
  const rows = facts.map(({ label, value }) => ({ label: shownText(label), value: shownText(value) }))
  const subject = `[${shownText(product)}] ${shownText(title)}`
  const text = [
    `${title}.`,
    '',
    ...rows.map(({ label, value }) => `${label}: ${value}`),
    '',
    `Report: ${link}`,
    '',
  ].join('\n')
  const html = markup`<!doctype html>
<html lang="en" dir="ltr">
<head><meta charset="utf-8"><title>${subject}</title></head>
<body>
<h1>${title}</h1>
<table>
${rows.map(({ label, value }) => markup`<tr><th scope="row" align="left">${label}</th><td>${value}</td></tr>\n`)}
</table>
<p><a href="${link}">Report</a></p>
</body>
</html>
`.toString()
  return { subject, text, html }
}
