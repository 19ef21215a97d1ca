import { html, raw } from 'hono/html'

/** Markup that was escaped where it was made. */
export type Markup = ReturnType<typeof html>

/** The gate that stands for the house. */
const mark = html`<svg
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
  aria-hidden="true"
>
  <path d="M4 21V11a8 8 0 0 1 16 0v10" />
  <path d="M9 4.5V21M15 4.5V21M4 12h16M4 17h16" stroke-width="1.6" />
</svg>`

/** The name of the product with its gate; leads to the index. */
export function productMark(productName: string): Markup {
  return html`<a class="mark" href="/">${mark}${productName}</a>`
}

/** A sentence of the contract, in which `this` is code. */
export function inlineText(text: string): Markup {
  return html`${text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}`
}

/** A whole page. Nothing is loaded from anywhere: style and script stand in the page itself. */
export function wholePage(options: {
  readonly title: string
  /** CSS of ours; holds no `<`. */
  readonly style: string
  /** For pages that are not to be kept: allows style and script of this answer only. */
  readonly nonce?: string
  readonly body: Markup
}): Markup {
  const nonce = options.nonce === undefined ? '' : html` nonce="${options.nonce}"`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f3f1ec">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#111513">
<title>${options.title}</title>
<style${nonce}>${raw(options.style)}</style>
</head>
<body>
${options.body}
</body>
</html>
`
}
