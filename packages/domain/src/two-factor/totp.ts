import { randomBytesOf } from '@portcullis/runtime/random'
import { sameBytes } from '@portcullis/runtime/digest'
import { generateSync } from 'otplib'

/** What to judge a code by. */
export interface TotpTrial {
  /** The factor's secret: 16 bytes or more. */
  readonly secret: Uint8Array
  /** As typed. White space in it does not count. */
  readonly code: string
  readonly now: Date
  /** The last step that was accepted for this factor; `undefined` before the first. */
  readonly lastStep: number | undefined
  /** How many steps of 30 seconds a code may be behind or ahead. Default one each (RFC 6238 5.2), at most two. */
  readonly window?: { readonly past: number; readonly future: number }
}

/** Good codes carry their step, which is to be stored where `lastStep` is still smaller, and nowhere else. */
export type TotpVerdict =
  | { readonly ok: true; readonly step: number }
  /** `malformed`: not six digits. `replayed`: right, but its step or a later one was accepted before. */
  | { readonly ok: false; readonly why: 'malformed' | 'wrong' | 'replayed' }

/** RFC 6238 4.1, and what every authenticator app reads. */
export const totpPeriodSeconds = 30
/** RFC 4226 4, R6: 160 bits are recommended. */
const secretBytes = 20
const windowMost = 2
/** Six digits with a space after each, twice over: what is longer is no slip of a finger. */
const charactersMost = 24

/** A new secret of 160 random bits. Source: RFC 4226 4 (R6), NIST SP 800-63B-4 3.1.4.1. */
export function newTotpSecret(): Buffer {
  return randomBytesOf(secretBytes)
}

/**
 * Judges a time-based code (SHA-1, six digits, 30 seconds). All steps of the window are computed and compared, whichever fits,
 * so the time tells nothing. A step is good once: the caller stores it by an update that holds `lastStep < step`, as two
 * requests may be here at a time. Throws `RangeError` for a window beyond two steps, and an `Error` for a secret below 16 bytes.
 * Source: RFC 6238 5.2 (one time only), RFC 4226; NIST SP 800-63B-4 3.1.4.2; OWASP ASVS 5 6.5.1, 6.5.5.
 */
export function verifyTotp(trial: TotpTrial): TotpVerdict {
  const { secret, now, lastStep, window = { past: 1, future: 1 } } = trial
  for (const steps of [window.past, window.future]) {
    if (!Number.isInteger(steps) || steps < 0 || steps > windowMost) throw new RangeError('a window has 0 to 2 steps')
  }
  const code = readCode(trial.code)
  if (code === undefined) return { ok: false, why: 'malformed' }
  const current = Math.floor(now.getTime() / 1000 / totpPeriodSeconds)
  const fitting: number[] = []
  for (let step = Math.max(0, current - window.past); step <= current + window.future; step += 1) {
    if (sameBytes(Buffer.from(codeOf(secret, step)), code)) fitting.push(step)
  }
  if (fitting.length === 0) return { ok: false, why: 'wrong' }
  const step = fitting.find((one) => lastStep === undefined || one > lastStep)
  return step === undefined ? { ok: false, why: 'replayed' } : { ok: true, step }
}

function codeOf(secret: Uint8Array, step: number): string {
  return generateSync({
    secret,
    epoch: step * totpPeriodSeconds,
    period: totpPeriodSeconds,
    digits: 6,
    algorithm: 'sha1',
  })
}

/** Six ASCII digits, or `undefined`. */
function readCode(typed: string): Buffer | undefined {
  if (typeof typed !== 'string' || typed.length > charactersMost) return undefined
  const digits = typed.replaceAll(/\s/g, '')
  return /^[0-9]{6}$/.test(digits) ? Buffer.from(digits) : undefined
}
