/**
 * Keeps the last answers of a pure function of a text, `most` at a time; what was asked for longest ago leaves first. For what
 * costs and never changes, such as the name of a country; never for anything that a store decides.
 */
export function createMemo<Out>(of: (text: string) => Out, most: number): (text: string) => Out {
  const kept = new Map<string, { readonly value: Out }>()
  return (text) => {
    const known = kept.get(text)
    if (known !== undefined) {
      // A map keeps the order of insertion: whatever is asked for moves to its end.
      kept.delete(text)
      kept.set(text, known)
      return known.value
    }
    const made = { value: of(text) }
    const [oldest] = kept.keys()
    if (kept.size >= most && oldest !== undefined) kept.delete(oldest)
    kept.set(text, made)
    return made.value
  }
}
