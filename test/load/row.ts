/** One line of the result, as `--json` prints it. */
export interface Row {
  readonly name: string
  readonly ours: number
  /** The same work done bare, in the same run on the same servers. */
  readonly baseline: number
  /** `ours / baseline`. */
  readonly ratio: number
  readonly unit: string
  /** In words; empty where a row only informs. */
  readonly goal: string
  /** Null where there is no goal. */
  readonly met: boolean | null
  readonly conditions: string
  /** What Postgres does for the statements behind it, in its own words. */
  readonly plans?: readonly string[]
}

/** What a row is to reach: a ratio to its baseline, or a value of its own. */
export type Goal =
  | { readonly ratioLeast: number }
  | { readonly ratioMost: number }
  | { readonly oursBelow: number }
  | { readonly none: true }

/** Makes a row and judges it. */
export function makeRow(given: {
  readonly name: string
  readonly ours: number
  readonly baseline: number
  readonly unit: string
  readonly goal: Goal
  readonly conditions: readonly string[]
  readonly plans?: readonly string[]
}): Row {
  const { name, unit, goal } = given
  const [ours, baseline] = [rounded(given.ours), rounded(given.baseline)]
  const ratio = Math.round((given.ours / given.baseline) * 1000) / 1000
  return {
    name,
    ours,
    baseline,
    ratio,
    unit,
    goal: describe(goal, unit),
    met: judge(goal, ours, ratio),
    conditions: given.conditions.join('; '),
    ...(given.plans && given.plans.length > 0 && { plans: given.plans }),
  }
}

function describe(goal: Goal, unit: string): string {
  if ('ratioLeast' in goal) return `ratio >= ${goal.ratioLeast}`
  if ('ratioMost' in goal) return `ratio <= ${goal.ratioMost}`
  return 'oursBelow' in goal ? `< ${goal.oursBelow} ${unit}` : ''
}

function judge(goal: Goal, ours: number, ratio: number): boolean | null {
  if ('ratioLeast' in goal) return ratio >= goal.ratioLeast
  if ('ratioMost' in goal) return ratio <= goal.ratioMost
  return 'oursBelow' in goal ? ours < goal.oursBelow : null
}

/** Three digits that mean something, and every whole one. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 10) / 10
}
