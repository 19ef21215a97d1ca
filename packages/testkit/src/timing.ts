/** Medians that are less than this apart tell nothing on a network. */
const leakMs = 5

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Two-sided p of the Mann-Whitney U test: normal approximation with continuity and tie correction. */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))]
  all.sort((x, y) => x.value - y.value)
  let rankSum = 0
  let ties = 0
  for (let from = 0; from < all.length;) {
    let to = from
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1
    const rank = (from + 1 + to) / 2
    rankSum += rank * all.slice(from, to).filter(({ first }) => first).length
    ties += (to - from) ** 3 - (to - from)
    from = to
  }
  const n = all.length
  const u = rankSum - (a.length * (a.length + 1)) / 2
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1)))
  const z = Math.max(Math.abs(u - (a.length * b.length) / 2) - 0.5, 0) / Math.sqrt(variance)
  return 2 * upperTail(z)
}

/** Probability of a standard normal value above z. Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
}

/**
 * Whether two samples of times tell their kinds apart, in milliseconds. Only where they differ beyond chance (Mann-Whitney, p at
 * most 0.01) and their medians by 5 ms or more: the first alone would fail one run in a hundred, the second alone on a busy machine.
 */
export function judgeTiming(
  known: readonly number[],
  unknown: readonly number[],
): { readonly leaks: boolean; readonly p: number; readonly apartMs: number } {
  const p = mannWhitney(known, unknown)
  const apartMs = Math.abs(median(known) - median(unknown))
  return { leaks: p <= 0.01 && apartMs >= leakMs, p, apartMs }
}
