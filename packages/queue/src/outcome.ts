/** How an execution ended. A throw means: failed, try again later as long as attempts are left. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Nothing to do, and why: a code for the ledger. */
  | { readonly kind: 'skip'; readonly why: string }
  /** Not now: due again after so many milliseconds. Counts no attempt. */
  | { readonly kind: 'later'; readonly delayMs: number; readonly why: string }
  /** It did not work, for this reason; try again as a throw would, with a code that tells more. */
  | { readonly kind: 'failed'; readonly code: string }
  /** It can never work: dead, for an operator to look at. */
  | { readonly kind: 'stop'; readonly code: string }

/** The job did what it was for. */
export const done: Outcome = { kind: 'done' }

/** There was nothing to do. */
export const skip = (why: string): Outcome => ({ kind: 'skip', why })

/** Put off without counting an attempt. */
export const later = (delayMs: number, why: string): Outcome => ({ kind: 'later', delayMs, why })

/** Failed in an expected way. */
export const failed = (code: string): Outcome => ({ kind: 'failed', code })

/** Failed for good. */
export const stop = (code: string): Outcome => ({ kind: 'stop', code })

/** How a receiver answered what was handed over to it. */
export type Handover =
  | { readonly kind: 'sent' }
  /** It will never take it. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Not this time. */
  | { readonly kind: 'failed'; readonly code: string }

/** The outcome of an effect by the answer of its receiver. */
export function outcomeOfHandover(answer: Handover): Outcome {
  if (answer.kind === 'sent') return done
  return answer.kind === 'refused' ? stop(answer.code) : failed(answer.code)
}

/** Whether a value is an outcome, as opposed to a plan for effects. */
export function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'object' && value !== null && 'kind' in value && kinds.has(String(value.kind))
}

const kinds = new Set(['done', 'skip', 'later', 'failed', 'stop'])
