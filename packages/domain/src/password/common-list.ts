import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A list of passwords, the most common first. All are lower-case printable ASCII. */
export interface CommonList {
  readonly size: number
  /** Place of `text` in the list, 0 for the most common; `undefined` when it is not there. Exact, case-sensitive. */
  rank(text: string): number | undefined
}

const source = '@zxcvbn-ts/language-common/src/passwords.json'
/** A power of two, more than twice the entries of the list. */
const slots = 131_072
const quote = 0x22

let loaded: CommonList | undefined

/**
 * The list of common passwords of zxcvbn-ts (MIT; about 49,000, ranked, from public leaks). Read once, at the first call,
 * in about 20 ms; a service that wants its first answer quick calls this at start. Kept as the bytes of the file and an
 * index over them, about 1.2 MB; as a `Set` of strings it costs 9 MB of resident memory. Throws where the file is not what it should be.
 */
export function commonPasswords(): CommonList {
  loaded ??= indexList(readFileSync(createRequire(import.meta.url).resolve(source)))
  return loaded
}

/** Indexes a JSON array of plain ASCII strings by open addressing, without making a string of any entry. */
function indexList(json: Buffer): CommonList {
  const table = new Uint32Array(slots)
  const starts: number[] = []
  let open = -1
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0
    if (byte === 0x5c || byte > 0x7e) throw new Error('the list of common passwords is not plain ASCII')
    if (byte !== quote) continue
    if (open !== -1) {
      starts.push(open)
      let slot = hashOf(open, at, (index) => json[index] ?? 0)
      while (table[slot] !== 0) slot = (slot + 1) % slots
      table[slot] = starts.length
    }
    open = open === -1 ? at + 1 : -1
  }
  if (starts.length < 30_000 || starts.length > slots / 2)
    throw new Error('the list of common passwords has changed size')
  const index = { json, table, starts: Uint32Array.from(starts) }
  return { size: starts.length, rank: (text) => findRank(index, text) }
}

interface Index {
  readonly json: Buffer
  /** Number of an entry, counted from 1, at the slot of its hash or the next free one; 0 is free. */
  readonly table: Uint32Array
  /** Where in `json` each entry begins. */
  readonly starts: Uint32Array
}

function findRank({ json, table, starts }: Index, text: string): number | undefined {
  let slot = hashOf(0, text.length, (index) => text.charCodeAt(index))
  for (let entry = table[slot]; entry; entry = table[slot]) {
    if (isAt(json, starts[entry - 1] ?? 0, text)) return entry - 1
    slot = (slot + 1) % slots
  }
  return undefined
}

function isAt(json: Buffer, start: number, text: string): boolean {
  if (json[start + text.length] !== quote) return false
  for (let index = 0; index < text.length; index += 1) {
    if (json[start + index] !== text.charCodeAt(index)) return false
  }
  return true
}

/** FNV-1a over the codes from `from` up to `to`. */
function hashOf(from: number, to: number, code: (index: number) => number): number {
  let hash = 0x811c9dc5
  for (let index = from; index < to; index += 1) hash = Math.imul(hash ^ code(index), 0x01000193)
  return (hash >>> 0) % slots
}
