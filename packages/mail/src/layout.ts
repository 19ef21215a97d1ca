import { wordsOf } from './language/words-of.ts'
import type { Fact, Letter, LetterLink } from './letter.ts'
import { linkText } from './link.ts'
import { markup, type Markup } from './markup.ts'
import { shownText } from './shown-text.ts'
import { style, styleSheet } from './style.ts'

/**
 * The HTML form of a letter: one column, nothing fetched, no script. Links are the letter's and no other. Readable with
 * images, style sheets and colours off, at 200 % zoom, at night and by a screen reader (WCAG 2.2 AA): real headings, a
 * language, data tables with row headers, layout tables marked as such.
 */
export function renderLayout(letter: Letter): string {
  return markup`<!doctype html>
<html lang="${letter.language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<meta name="x-apple-disable-message-reformatting">
<title>${shownText(letter.subject, 120)}</title>
<style>${styleSheet}</style>
</head>
<body class="body" style="${style.body}">
<div style="${style.hidden}" aria-hidden="true">${letter.preview}${previewEnd}</div>
<table ${layoutTable} width="100%" class="page" style="${style.page}">
<tr><td class="gutter" align="center" style="${style.gutter}">
<!--[if mso]><table ${layoutTable} width="560" align="center"><tr><td><![endif]-->
<div style="${style.column}">
<p class="ink" style="${style.mark}"><span class="fill" style="${style.dot}" aria-hidden="true"></span>
<bdi>${letter.product}</bdi></p>
<div class="card" role="article" aria-labelledby="heading" style="${style.card}"><div class="inner" style="${style.inner}">
${body(letter)}
</div></div>
<p class="muted" style="${style.foot}">${letter.reason}</p>
</div>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
`.toString()
}

const layoutTable = markup`role="presentation" cellpadding="0" cellspacing="0" border="0"`

// Keeps an inbox from showing the first lines of the mail behind the preview.
const previewEnd = Array.from({ length: 40 }, () => markup` &#847;&zwnj;&nbsp;`)

function body({ language, heading, greeting, opening, action, facts, doubt }: Letter): Markup {
  const { copyLink } = wordsOf(language).letter
  return markup`<h1 id="heading" class="heading ink" style="${style.heading}">${heading}</h1>
<p class="ink" style="${style.text}" dir="auto">${greeting}</p>
${opening.map((text) => markup`<p class="ink" style="${style.text}">${text}</p>\n`)}
${action && actionBlock(action, copyLink)}
${facts && factBlock(facts)}
${doubtBlock(doubt, action === undefined ? copyLink : undefined)}`
}

function actionBlock({ label, url, note }: LetterLink & { readonly note?: string }, copyLink: string): Markup {
  const link = linkText(url)
  return markup`<table ${layoutTable} class="button-row" style="${style.buttonRow}"><tr>
<td class="fill" style="${style.buttonCell}"><a class="button fill" href="${link}" style="${style.button}">${label}</a></td>
</tr></table>
${note === undefined ? note : markup`<p class="muted" style="${style.note}">${note}</p>`}
<p class="muted" style="${style.plainLabel}">${copyLink}</p>
<p class="plain" style="${style.plain}"><a class="accent" href="${link}" style="${style.plainLink}">${link}</a></p>`
}

function factBlock({ title, rows }: { readonly title: string; readonly rows: readonly Fact[] }): Markup {
  return markup`<div class="section" style="${style.section}">
<h2 class="ink" style="${style.subheading}" id="facts">${title}</h2>
<table aria-labelledby="facts" cellpadding="0" cellspacing="0" border="0" style="${style.facts}">
${rows.map(factRow)}</table>
</div>`
}

function factRow({ label, value }: Fact): Markup {
  return markup`<tr><th scope="row" class="fact-label muted" style="${style.factLabel}">${label}</th>
<td class="fact-value ink" style="${style.factValue}"><bdi>${value}</bdi></td></tr>
`
}

// Beside an action the link is a quiet one; alone it is the action.
function doubtBlock({ title, body: text, link }: Letter['doubt'], copyLink: string | undefined): Markup {
  return markup`<div class="section" style="${style.section}">
<h2 class="ink" style="${style.subheading}">${title}</h2>
<p class="ink" style="${style.doubt}">${text}</p>
${link && (copyLink === undefined ? doubtLink(link) : actionBlock(link, copyLink))}
</div>`
}

function doubtLink({ label, url }: LetterLink): Markup {
  return markup`<p style="${style.doubtLink}">
<a class="accent" href="${linkText(url)}" style="${style.textLink}">${label}</a></p>`
}
