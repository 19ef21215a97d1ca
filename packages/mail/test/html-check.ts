import { dark, light } from '../src/palette.ts'

const voids: readonly string[] = ['meta', 'br', 'hr', 'img', 'input', 'link']

/** What is wrong with the HTML of a mail; empty when nothing is. */
export function htmlFaults(html: string): string[] {
  return [...nestingFaults(html), ...loadFaults(html), ...colourFaults(html), ...accessFaults(html)]
}

/** Every link of the HTML, in order, with its signs decoded. */
export function linksOf(html: string): string[] {
  return [...html.matchAll(/\bhref="([^"]*)"/g)].map(([, link = '']) => decode(link))
}

/** Decodes what `escapeHtml` makes. */
export function decode(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

function nestingFaults(html: string): string[] {
  const faults: string[] = []
  const open: string[] = []
  // A style sheet and conditional comments are not tags.
  const tags = html.replace(/<!--.*?-->/gs, '').replace(/(<style>).*?(<\/style>)/s, '$1$2')
  if (/<(?![a-z/!])/i.test(tags)) faults.push('a bare < in the text')
  for (const [, closing, name = '', rest = ''] of tags.matchAll(
    /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"<>]*")*\s*[^>]*)>/g,
  )) {
    if (!/^(\s+[a-z-]+="[^"<>]*")*$/.test(rest)) faults.push(`attributes of ${name}`)
    if (voids.includes(name)) continue
    if (closing === '') open.push(name)
    else if (open.pop() !== name) faults.push(`</${name}> closes something else`)
  }
  return open.length === 0 ? faults : [...faults, `not closed: ${open.join(' ')}`]
}

function loadFaults(html: string): string[] {
  const loading =
    /<(script|link|img|iframe|object|embed|form|base|svg|video|audio)\b|\b(src|srcset|background|poster)=|http-equiv/gi
  const styled = /url\(|@import|@font-face|expression\(/gi
  return [...html.matchAll(loading), ...html.matchAll(styled)].map(([what]) => `loads or runs: ${what}`)
}

function colourFaults(html: string): string[] {
  const known = [...Object.values(light), ...Object.values(dark)]
  const used = html.match(/:[^;"]*?#[0-9a-f]{3,8}\b/gi) ?? []
  return used.map((text) => text.slice(text.indexOf('#'))).filter((colour) => !known.includes(colour))
}

function accessFaults(html: string): string[] {
  const faults: string[] = []
  if (!/^<!doctype html>\s*<html lang="[a-z-]+" dir="ltr">/.test(html)) faults.push('no language')
  if (html.match(/<h1\b/g)?.length !== 1) faults.push('not one h1')
  if (!/<title>[^<]+<\/title>/.test(html)) faults.push('no title')
  if (!html.includes('name="color-scheme" content="light dark"')) faults.push('no color-scheme')
  const laidOut = html.match(/<table (?!role="presentation"|aria-labelledby=")/g)
  if (laidOut) faults.push('a table without a role')
  return faults
}
