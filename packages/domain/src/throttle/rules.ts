/** So many attempts within a window that begins with the first. */
export interface WindowRule {
  readonly kind: 'window'
  readonly most: number
  readonly windowSeconds: number
}

/** So many attempts for nothing, then a wait that doubles up to a cap; after `hardMost` none until a reset. */
export interface GrowingRule {
  readonly kind: 'growing'
  readonly free: number
  readonly firstWaitSeconds: number
  readonly waitSecondsMost: number
  readonly hardMost: number
}

/** How strictly something is counted. */
export type ThrottleRule = WindowRule | GrowingRule

/** A counter before the attempt. */
export interface CounterState {
  readonly attempts: number
  readonly windowSecondsLeft: number
  readonly blockedSecondsLeft: number
}

/** A counter after the attempt, or why there was none. */
export type Verdict =
  | {
      readonly admitted: true
      readonly attempts: number
      readonly windowSeconds: number | null
      readonly blockedSeconds: number | null
    }
  | { readonly admitted: false; readonly waitSeconds: number; readonly exhausted: boolean }

/** 30 attempts a minute from one network: /24 or /48. */
export const networkRule: WindowRule = { kind: 'window', most: 30, windowSeconds: 60 }

/** 5 wrong passwords for nothing, then 30 s doubling up to an hour, none after 100 (NIST SP 800-63B-4 3.2.2). */
export const passwordRule: GrowingRule = {
  kind: 'growing',
  free: 5,
  firstWaitSeconds: 30,
  waitSecondsMost: 3600,
  hardMost: 100,
}

/** The same for codes; 100 wrong ones disable the factor until it is bound anew. */
export const codeRule: GrowingRule = { ...passwordRule }

/** Judges an attempt before it is made; pure. A refused one counts nothing and prolongs nothing. */
export function judgeAttempt(counter: CounterState, rule: ThrottleRule): Verdict {
  return rule.kind === 'window' ? judgeWindow(counter, rule) : judgeGrowing(counter, rule)
}

function judgeWindow(counter: CounterState, rule: WindowRule): Verdict {
  const running = counter.windowSecondsLeft > 0
  const attempts = running ? counter.attempts + 1 : 1
  if (attempts > rule.most) {
    return { admitted: false, waitSeconds: Math.ceil(counter.windowSecondsLeft), exhausted: false }
  }
  const windowSeconds = running ? counter.windowSecondsLeft : rule.windowSeconds
  return { admitted: true, attempts, windowSeconds, blockedSeconds: null }
}

function judgeGrowing(counter: CounterState, rule: GrowingRule): Verdict {
  if (counter.attempts >= rule.hardMost) return { admitted: false, waitSeconds: rule.waitSecondsMost, exhausted: true }
  if (counter.blockedSecondsLeft > 0) {
    return { admitted: false, waitSeconds: Math.ceil(counter.blockedSecondsLeft), exhausted: false }
  }
  const attempts = counter.attempts + 1
  const beyond = attempts - rule.free
  const blockedSeconds = beyond < 0 ? null : Math.min(rule.firstWaitSeconds * 2 ** beyond, rule.waitSecondsMost)
  return { admitted: true, attempts, windowSeconds: null, blockedSeconds }
}
