/** A chunk is to take so long: short enough that nobody notices, long enough that its commit does not count. */
const bandMs = { least: 50, most: 100 } as const
const aimMs = 75

const chunkRows = { least: 50, most: 20_000 } as const

/** The first chunk of a sweep that never ran. */
export const firstChunkRows = 500

/** How large the next chunk is to be after one that took so long: at most twice, at least a quarter of the last. Pure. */
export function nextChunkRows(rows: number, tookMs: number): number {
  if (tookMs >= bandMs.least && tookMs <= bandMs.most) return rows
  const share = Math.min(2, Math.max(0.25, aimMs / Math.max(tookMs, 1)))
  return Math.min(chunkRows.most, Math.max(chunkRows.least, Math.round(rows * share)))
}
