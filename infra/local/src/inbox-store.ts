import { EventEmitter, once } from 'node:events'
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { InboxMessage } from './inbox-message.ts'

/** How many mails are kept; the oldest give way. */
export const messagesMost = 500

/** Which mails are asked for. */
export interface Wanted {
  /** Only those for this address, letter case aside. */
  readonly to?: string | undefined
  /** Only those that came after the mail of this id. */
  readonly after?: number | undefined
}

/** The mails of an inbox, newest first. */
export interface InboxStore {
  /** The id that the next mail is to have. */
  nextId(): string
  add(message: InboxMessage): void
  list(wanted?: Wanted): InboxMessage[]
  find(id: string): InboxMessage | undefined
  clear(): void
  /** As `list`, but waits until there is one: an empty list means that none came within `waitMs`. */
  wait(wanted: Wanted, waitMs: number): Promise<InboxMessage[]>
  /** Calls `hear` after every change, until the function it answers with is called. */
  onChange(hear: () => void): () => void
}

/** Opens the mails kept in `file` (one JSON line each, mode 0600); without a file they live in memory alone. */
export function openInboxStore(file?: string): InboxStore {
  const changes = new EventEmitter().setMaxListeners(0)
  let messages = file === undefined ? [] : load(file)
  let last = Math.max(0, ...messages.map((message) => Number(message.id)))
  let lines = messages.length
  const list = ({ to, after = 0 }: Wanted = {}) => {
    const address = to?.toLowerCase()
    const isFor = (message: InboxMessage) =>
      address === undefined || message.to.some((one) => one.toLowerCase() === address)
    return messages.filter((message) => Number(message.id) > after && isFor(message))
  }
  return {
    nextId: () => String(++last),
    add(message) {
      messages = [message, ...messages].slice(0, messagesMost)
      if (file !== undefined) {
        if (++lines > 2 * messagesMost) lines = save(file, messages)
        else appendFileSync(file, `${JSON.stringify(message)}\n`, { mode: 0o600 })
      }
      changes.emit('change')
    },
    list,
    find: (id) => messages.find((message) => message.id === id),
    clear() {
      messages = []
      if (file !== undefined) lines = save(file, messages)
      changes.emit('change')
    },
    async wait(wanted, waitMs) {
      const signal = AbortSignal.timeout(waitMs)
      for (;;) {
        const found = list(wanted)
        if (found.length > 0 || signal.aborted) return found
        await once(changes, 'change', { signal }).catch(() => {})
      }
    },
    onChange(hear) {
      changes.on('change', hear)
      return () => void changes.off('change', hear)
    },
  }
}

function load(file: string): InboxMessage[] {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  const messages = text.split('\n').flatMap((line) => parseLine(line))
  const kept = messages.slice(-messagesMost).toReversed()
  save(file, kept)
  return kept
}

/** A line that a crash cut short is left out. */
function parseLine(line: string): InboxMessage[] {
  try {
    return [JSON.parse(line) as InboxMessage]
  } catch {
    return []
  }
}

/** Writes the file anew, oldest first. Answers with its number of lines. */
function save(file: string, messages: readonly InboxMessage[]): number {
  const text = messages.toReversed().map((message) => `${JSON.stringify(message)}\n`)
  writeFileSync(`${file}.new`, text.join(''), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return messages.length
}
