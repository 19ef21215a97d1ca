import { bad, bold, good, quiet } from '../progress.ts'

/** How a line is meant: something that happened, a door that was open, one that was refused as it should be, and what must not be. */
export type Mark = 'note' | 'open' | 'shut' | 'wrong'

/** One line of the timeline. */
export interface Moment {
  /** Such as `+12 ms`; empty where the moment does not matter. */
  readonly when: string
  readonly mark: Mark
  readonly text: string
  /** What proves it, at the end of the line or on the next. */
  readonly aside?: string
}

const width = 80
const whenWidth = 10
const indent = whenWidth + 4

const signs: Readonly<Record<Mark, string>> = { note: '·', open: '○', shut: '●', wrong: '✗' }

const paint: Readonly<Record<Mark, (text: string) => string>> = {
  note: (text) => text,
  open: (text) => text,
  shut: good,
  wrong: (text) => bad(bold(text)),
}

/** Lays a moment out: lines of 80 columns at most, in which nothing is cut off. */
export function layOut({ when, mark, text, aside = '' }: Moment): string[] {
  const room = width - indent
  const lines = wrap(text, room)
  const last = lines.at(-1) ?? ''
  const gap = room - last.length - aside.length
  const asides = aside !== '' && gap < 2 ? wrap(aside, room - 2).map((line) => `  ${line}`) : []
  return [...lines, ...asides].map((line, place) => {
    const head = place === 0 ? `${quiet(when.padStart(whenWidth))}  ${paint[mark](signs[mark])} ` : ' '.repeat(indent)
    const body = place < lines.length ? paint[mark](line) : quiet(line)
    const tail = place === lines.length - 1 && aside !== '' && asides.length === 0 ? ' '.repeat(gap) + quiet(aside) : ''
    return head + body + tail
  })
}

/** Breaks a text at its spaces; a word that is longer than a line is broken too. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ').flatMap((whole) => whole.match(new RegExp(`.{1,${room}}`, 'gu')) ?? [''])) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= room) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

/** What is told while the worst hour is played. */
export interface Timeline {
  /** Begins a part. */
  act(title: string): void
  tell(mark: Mark, text: string, aside?: string): void
  /** As `tell`, with the milliseconds since the lock was answered, or what is given. */
  after(mark: Mark, text: string, aside: string, ms?: number): void
  /** From now on `after` counts. */
  answered(): void
}

/** Makes a timeline that writes whole lines. */
export function createTimeline(write: (line: string) => void): Timeline {
  let answeredAt = 0
  const put = (moment: Moment) => layOut(moment).forEach(write)
  return {
    act(title) {
      write('')
      write(`  ${bold(title)}`)
    },
    tell: (mark, text, aside = '') => put({ when: '', mark, text, aside }),
    after: (mark, text, aside, ms = performance.now() - answeredAt) =>
      put({ when: `+${Math.round(ms)} ms`, mark, text, aside }),
    answered: () => void (answeredAt = performance.now()),
  }
}
