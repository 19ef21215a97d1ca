/** A member name that no two readers of a text would take alike. */
export interface AmbiguousName {
  /** Keys and indexes that lead to it; the name is the last. */
  readonly path: readonly (string | number)[]
  readonly kind: 'twice' | 'prototype'
}

interface Level {
  /** Names seen in an object; absent for an array. */
  readonly names: Set<string> | undefined
  /** The name or index at which the reader is. */
  at: string | number
  nameComes: boolean
}

/**
 * Finds the first member name that stands twice in one object, or is `__proto__`, in a text that `JSON.parse` takes: it
 * keeps only the last of two and hides neither from whatever copies the value. Linear, and flat however deep the text.
 * Source: RFC 8259 section 4, RFC 7493 section 2.3 (names must be unique), OWASP ASVS 5 15.3.6, 15.3.7.
 */
export function findAmbiguousName(text: string): AmbiguousName | undefined {
  const levels: Level[] = []
  for (let at = 0; at < text.length; at += 1) {
    const level = levels.at(-1)
    const char = text[at]
    if (char === '"') {
      const end = endOfString(text, at)
      const kind = level?.nameComes ? takeName(level, text.slice(at, end + 1)) : undefined
      if (kind) return { path: levels.map((one) => one.at), kind }
      at = end
    } else if (char === '{') levels.push({ names: new Set(), at: '', nameComes: true })
    else if (char === '[') levels.push({ names: undefined, at: 0, nameComes: false })
    else if (char === '}' || char === ']') levels.pop()
    else if (char === ',' && level) {
      if (level.names) level.nameComes = true
      else level.at = Number(level.at) + 1
    }
  }
  return undefined
}

function takeName(level: Level, quoted: string): AmbiguousName['kind'] | undefined {
  const name = String(JSON.parse(quoted))
  level.at = name
  level.nameComes = false
  if (name === '__proto__') return 'prototype'
  if (level.names?.has(name)) return 'twice'
  level.names?.add(name)
  return undefined
}

/** Index of the quote that ends the string which begins at `start`: the first with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text[before] === '\\') before -= 1
    if ((end - before) % 2 === 1) return end
  }
  return text.length
}
