import { readSetRefusal } from '../security-event/refusal.ts'

/** Waits after each failed attempt, in seconds: ten attempts within three days and three hours. Source: Standard Webhooks 1.0.0. */
const waitsSeconds = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400] as const

/** No receiver puts us off for longer. */
const retryAfterMostSeconds = 86_400

/** After so long without one success an endpoint is disabled. */
export const patienceSeconds = 5 * 86_400

/** Answers that say "not now", and may say when. */
const throttling = new Set([429, 502, 503, 504])

/** How an attempt ended. */
export type AttemptEnd =
  /** `refusal`: the body of a 400, of a receiver of security events. */
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly retryAfter: string | null
      readonly refusal?: string
    }
  | { readonly kind: 'unanswered'; readonly code: string }

/** What follows from it. */
export type AttemptVerdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly code: string }
  /** `gone`: the endpoint wants nothing more. */
  | { readonly kind: 'dead'; readonly code: string; readonly gone: boolean }

/**
 * What an attempt comes to. 2xx: delivered. 410: over, for the endpoint as well. Anything else, a redirect too: again after
 * the wait of the schedule, a tenth longer at most by chance (`fraction`), or when `Retry-After` of 429, 502, 503 or 504
 * says if that is later; after the last one: dead. `attempts` are those made, this one included.
 */
export function judgeAttempt(end: AttemptEnd, attempts: number, now: Date, fraction: number): AttemptVerdict {
  const status = end.kind === 'answered' ? end.status : undefined
  if (status !== undefined && status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === 410) return { kind: 'dead', code: 'gone', gone: true }
  const code =
    end.kind === 'answered' ? (readSetRefusal(end.status, end.refusal ?? '') ?? `http_${end.status}`) : end.code
  const waitSeconds = waitsSeconds[Math.max(1, attempts) - 1]
  if (waitSeconds === undefined) return { kind: 'dead', code, gone: false }
  const asked = end.kind === 'answered' && throttling.has(end.status) ? readRetryAfter(end.retryAfter, now) : 0
  const delayMs = Math.max(waitSeconds * 1000 * (1 + fraction / 10), asked * 1000)
  return { kind: 'retry', delayMs: Math.round(delayMs), code }
}

/** Seconds, or a date (RFC 9110 10.2.3); 0 for anything else. */
function readRetryAfter(text: string | null, now: Date): number {
  if (text === null) return 0
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds), retryAfterMostSeconds) : 0
}
