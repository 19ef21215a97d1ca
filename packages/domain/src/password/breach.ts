import { createHash } from 'node:crypto'
import { normalizePassword } from './normalize.ts'

/** `unknown`: nobody could be asked. The list of common passwords has been enforced all the same. */
export type BreachAnswer = 'clean' | 'breached' | 'unknown'

/** Why there is no answer. Holds no data of the request. */
export type BreachAwayReason =
  | 'timeout'
  | 'unreachable'
  | 'redirected'
  | 'too_large'
  | 'unreadable'
  | `status_${number}`

/** Where breached passwords are looked up. */
export interface BreachCheckOptions {
  /** `undefined` switches the check off. `/range/<prefix>` is added to its path. */
  readonly baseUrl: URL | undefined
  /** For the whole exchange, connection to last byte. */
  readonly timeoutMs: number
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch
  /** Told, for log and metric, each time that the service gave no usable answer. */
  readonly onAway?: (reason: BreachAwayReason) => void
}

/** Asks whether a password has appeared in a breach. */
export interface BreachCheck {
  /** Never throws. */
  check(password: string): Promise<BreachAnswer>
}

const bodyBytesMost = 2 * 1024 * 1024
const line = /^([0-9A-F]{35}):(\d{1,15})$/i

/**
 * Makes a check by k-anonymity over the range protocol of Have I Been Pwned: five of the forty digits of the SHA-1 leave the house,
 * and padding hides how many passwords share them (rows with count 0 are padding). Fails open by choice: a service that is
 * off, away, slow or talks nonsense answers `unknown`, and nobody is kept from changing a password. Redirects are not
 * followed, and no more than 2 MB (unpacked) are read. Source: OWASP ASVS 5 6.2.12; NIST SP 800-63B-4 3.1.1.2.
 */
export function createBreachCheck(options: BreachCheckOptions): BreachCheck {
  const { baseUrl, timeoutMs, fetch = globalThis.fetch, onAway } = options
  if (baseUrl === undefined) return { check: async () => 'unknown' }
  return {
    async check(password) {
      const digest = createHash('sha1').update(normalizePassword(password), 'utf8').digest('hex').toUpperCase()
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        const body = await readRange(fetch, rangeUrl(baseUrl, digest.slice(0, 5)), signal)
        return judge(body, digest.slice(5))
      } catch (error) {
        onAway?.(error instanceof Away ? error.reason : signal.aborted ? 'timeout' : 'unreachable')
        return 'unknown'
      }
    },
  }
}

class Away extends Error {
  readonly reason: BreachAwayReason

  constructor(reason: BreachAwayReason) {
    super(reason)
    this.reason = reason
  }
}

function rangeUrl(baseUrl: URL, prefix: string): URL {
  const url = new URL(baseUrl)
  url.pathname = `${baseUrl.pathname.replace(/\/+$/, '')}/range/${prefix}`
  return url
}

async function readRange(fetch: typeof globalThis.fetch, url: URL, signal: AbortSignal): Promise<string> {
  const headers = { accept: 'text/plain', 'add-padding': 'true', 'user-agent': 'portcullis' }
  const response = await fetch(url, { headers, redirect: 'manual', signal })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Away(response.status >= 300 && response.status < 400 ? 'redirected' : `status_${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop by a throw cancels the body.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > bodyBytesMost) throw new Away('too_large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('latin1')
}

/** One row of nonsense makes the whole answer nonsense; a row that names the password counts even then. */
function judge(body: string, suffix: string): 'clean' | 'breached' {
  const rows = body
    .trim()
    .split(/\r?\n/)
    .map((row) => line.exec(row))
  if (rows.some((row) => row?.[1]?.toUpperCase() === suffix && Number(row[2]) > 0)) return 'breached'
  if (rows.includes(null)) throw new Away('unreadable')
  return 'clean'
}
