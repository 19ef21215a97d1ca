import type { Fact, Letter, LetterLink } from './letter.ts'
import { linkText } from './link.ts'

const rule = '-'.repeat(40)

/**
 * The text form of a letter. Paragraphs are not wrapped, so that each reader's window wraps them; a link stands whole
 * on its own line, as some programs end a link at the next sign.
 */
export function renderText(letter: Letter): string {
  const { action, facts, doubt } = letter
  const blocks = [
    letter.product,
    underlined(letter.heading),
    letter.greeting,
    ...letter.opening,
    ...(action ? [linkBlock(action), action.note] : []),
    ...(facts ? [`${facts.title}\n\n${table(facts.rows)}`] : []),
    `${doubt.title}\n${doubt.body}`,
    ...(doubt.link ? [linkBlock(doubt.link)] : []),
    `${rule}\n${letter.reason}`,
  ]
  return `${blocks.join('\n\n')}\n`
}

function underlined(heading: string): string {
  return `${heading}\n${'='.repeat([...heading].length)}`
}

function linkBlock(link: LetterLink): string {
  return `${link.label}:\n${linkText(link.url)}`
}

function table(rows: readonly Fact[]): string {
  const width = Math.max(...rows.map(({ label }) => label.length)) + 3
  return rows.map(({ label, value }) => `  ${`${label}:`.padEnd(width)}${value}`).join('\n')
}
