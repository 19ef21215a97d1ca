import type { CounterState, ThrottleRule, Verdict } from './rules.ts'

/** How a counter stands after an attempt, as far as its caller is told. */
export interface Quota {
  /** Attempts that are free. */
  readonly most: number
  /** Within so long; absent where only a success gives them back. */
  readonly windowSeconds: number | undefined
  /** Of them still to be had. */
  readonly left: number
  /** Until there are more, in whole seconds; absent where nothing but a success brings them. */
  readonly resetSeconds: number | undefined
}

/** Is told how a counter stands. Never of one that is counted under an address: it would tell who else is at it. */
export type TellQuota = (quota: Quota) => void

/** What a counter stands at before any attempt, or after a success. */
export function freshQuota(rule: ThrottleRule): Quota {
  return rule.kind === 'window'
    ? { most: rule.most, windowSeconds: rule.windowSeconds, left: rule.most, resetSeconds: undefined }
    : { most: rule.free, windowSeconds: undefined, left: rule.free, resetSeconds: undefined }
}

/** What a counter stands at after `verdict`; `counted`: whether the attempt was counted, under this and every other name. Pure. */
export function quotaOf(counter: CounterState, rule: ThrottleRule, verdict: Verdict, counted: boolean): Quota {
  const fresh = freshQuota(rule)
  const over = rule.kind === 'window' && counter.windowSecondsLeft <= 0
  const used = counted && verdict.admitted ? verdict.attempts : over ? 0 : counter.attempts
  const left = Math.max(0, fresh.most - used)
  return { ...fresh, left, resetSeconds: resetOf(counter, rule, verdict, counted, left) }
}

function resetOf(
  counter: CounterState,
  rule: ThrottleRule,
  verdict: Verdict,
  counted: boolean,
  left: number,
): number | undefined {
  if (!verdict.admitted) return verdict.waitSeconds
  const [window, wait] = counted
    ? [verdict.windowSeconds ?? 0, verdict.blockedSeconds ?? 0]
    : [counter.windowSecondsLeft, counter.blockedSecondsLeft]
  const seconds = rule.kind === 'window' ? window : left > 0 ? 0 : wait
  return seconds > 0 ? Math.ceil(seconds) : undefined
}
