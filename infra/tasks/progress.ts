const terminal = process.stdout.isTTY
const coloured = terminal && process.env['NO_COLOR'] === undefined

/** Text in bold, quiet, or as good or bad news, where the terminal can show it. */
export const good = (text: string) => (coloured ? `\u001b[32m${text}\u001b[39m` : text)
export const bad = (text: string) => (coloured ? `\u001b[31m${text}\u001b[39m` : text)
export const bold = (text: string) => (coloured ? `\u001b[1m${text}\u001b[22m` : text)
export const quiet = (text: string) => (coloured ? `\u001b[2m${text}\u001b[22m` : text)

/** What is being done now, in the order of its beginning. */
const open = new Set<string>()

/** Writes a line, keeping what is under way at the bottom. */
export function say(line: string): void {
  clearOpen()
  process.stdout.write(`${line}\n`)
  showOpen()
}

/**
 * Does one piece of work and says so when it is done, with the time it took: `what` while it runs, what `done` makes of the result
 * afterwards. On a terminal one line tells what is under way; elsewhere there are plain lines only, a first one for what is slow.
 */
export async function step<T>(what: string, work: () => Promise<T>, done: (result: T) => string): Promise<T> {
  const began = performance.now()
  open.add(what)
  clearOpen()
  showOpen()
  const slow = setTimeout(() => terminal || say(`  … ${what}`), 2_000)
  try {
    const result = await work()
    const seconds = ((performance.now() - began) / 1_000).toFixed(1)
    open.delete(what)
    say(`  ${done(result)} ${quiet(`${seconds} s`)}`)
    return result
  } finally {
    clearTimeout(slow)
    open.delete(what)
    clearOpen()
    showOpen()
  }
}

function clearOpen(): void {
  if (terminal) process.stdout.write('\r\u001b[K')
}

function showOpen(): void {
  if (terminal && open.size > 0)
    process.stdout.write(quiet(`  … ${[...open].join(', ')}`.slice(0, (process.stdout.columns || 80) - 1)))
}
