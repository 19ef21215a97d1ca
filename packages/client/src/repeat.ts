import type { Endpoint } from '@portcullis/contracts/api/endpoint'
import type { Attempted } from './attempt.ts'
import { jitter } from './chance.ts'
import { readRetryAfter } from './retry-after.ts'

const firstWaitMsMost = 200
const waitMsMost = 5_000
const retryAfterSecondsMost = 20

/**
 * Whether a call may be sent again when nobody knows what became of it: it reads, it is idempotent by its method
 * (RFC 9110 section 9.2.2), or it carries an `Idempotency-Key`.
 */
export function isSafeToRepeat(endpoint: Endpoint): boolean {
  return (
    endpoint.method === 'GET' ||
    endpoint.method === 'PUT' ||
    endpoint.method === 'DELETE' ||
    endpoint.idempotent === true
  )
}

/**
 * Milliseconds to wait before a call is sent again after its `attempts`-th attempt; undefined where sending it again does not
 * help. Twice as long at most each time, evenly drawn (full jitter), on top of what the server asks for. Whoever asks for more
 * than 20 seconds is not waited for: the caller is told instead.
 */
export function waitBefore(attempts: number, tried: Attempted): number | undefined {
  const drawnMs = jitter(Math.min(waitMsMost, firstWaitMsMost * 2 ** (attempts - 1)))
  if (!('response' in tried)) return drawnMs
  const { status, headers } = tried.response
  if (status !== 429 && status !== 503) return undefined
  const askedSeconds = readRetryAfter(headers) ?? 0
  return askedSeconds > retryAfterSecondsMost ? undefined : askedSeconds * 1000 + drawnMs
}
