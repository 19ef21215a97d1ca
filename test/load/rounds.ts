/** Rounds that count; one before them only warms up. */
export const roundCount = 7

/** One side of a comparison: does the same work once more and tells a figure. */
export type Side = () => Promise<number>

/**
 * Measures two sides in turn (A B B A A B …), so that the noise of the machine falls on both alike. The first round of each
 * only warms up. Gives the median of each side.
 */
export async function interleave(
  ours: Side,
  baseline: Side,
  rounds = roundCount,
): Promise<{ ours: number; baseline: number }> {
  const found: { ours: number[]; baseline: number[] } = { ours: [], baseline: [] }
  for (let round = 0; round <= rounds; round += 1) {
    const order = round % 2 === 0 ? (['ours', 'baseline'] as const) : (['baseline', 'ours'] as const)
    for (const side of order) {
      const figure = await (side === 'ours' ? ours : baseline)()
      if (round > 0) found[side].push(figure)
    }
  }
  return { ours: median(found.ours), baseline: median(found.baseline) }
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value that a share of the values does not exceed (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (found === undefined) throw new Error('nothing was measured')
  return found
}
