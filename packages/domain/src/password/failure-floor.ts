import { setTimeout as timer } from 'node:timers/promises'
import type { Database } from '@portcullis/db/connect'
import { listImportedKinds } from '@portcullis/db/queries/imported-hash'
import { withStore } from '@portcullis/db/transaction'
import type { Clock } from '@portcullis/runtime/clock'
import type { Logger } from '@portcullis/runtime/log'
import type { ImportedVerifier } from './imported.ts'

/** Holds the answers of failed logins, so that their time does not tell what kind of hash an account has, or whether it exists. */
export interface FailureFloor {
  /** To be called when a login begins; what it returns, before a refusal is answered. */
  begin(): () => Promise<void>
  /** Looks which imported hashes there are, and measures them. Never throws: what was known stays. */
  refresh(): Promise<void>
  /** The verifier that logins must use: what it takes is noted. */
  readonly verifier: ImportedVerifier
}

/** What `createFailureFloor` works with. */
export interface FailureFloorDeps {
  readonly database: Database
  readonly imported: ImportedVerifier
  readonly clock: Clock
  readonly log: Logger
  /** Waits so many milliseconds of that clock. Default: a timer. */
  readonly wait?: (milliseconds: number) => Promise<unknown>
}

/** A look at the store is good for so long. */
const refreshMs = 600_000
/** Room above the slowest measured verification, and for the statements around it. */
const marginFactor = 1.25
const marginMs = 20
/** A flood may not raise the floor beyond this. */
const slowestMost = 3000
/** Two spellings (NFC and as it came): the most work that a password can cause. */
const costliestPassword = 'Cafe\u0301-7-Orbit'

/**
 * Makes the floor. While there is no imported hash, nothing is held. While there are some, a failed login is answered at a
 * whole multiple of the time that the slowest of them takes, measured here and on every real one, whatever was verified:
 * nothing, a hash of ours, or one of theirs. It is a timer that waits: no work is done for nothing.
 * Source: OWASP ASVS 5 6.3.8; OWASP Authentication Cheat Sheet.
 */
export function createFailureFloor({ database, imported, clock, log, wait = timer }: FailureFloorDeps): FailureFloor {
  let slowestMs = 0
  let refreshedMs = Number.NEGATIVE_INFINITY
  let refreshing: Promise<void> | undefined

  async function measure(phc: string): Promise<number> {
    const beganMs = clock.monotonicMs()
    const { ok, ...rest } = await imported.verifyImported(costliestPassword, phc)
    return !ok && 'why' in rest && rest.why === 'unusable' ? 0 : clock.monotonicMs() - beganMs
  }

  async function look(): Promise<void> {
    try {
      const kinds = await withStore(database, (queries) => listImportedKinds(queries))
      let measuredMs = 0
      // One after another, and twice: the first loads the library.
      for (const phc of [...kinds, ...kinds].map(likeOf)) measuredMs = Math.max(measuredMs, await measure(phc))
      slowestMs = Math.min(measuredMs, slowestMost)
      refreshedMs = clock.monotonicMs()
    } catch (err) {
      log.warn({ err }, 'the kinds of imported hashes could not be read')
    } finally {
      refreshing = undefined
    }
  }

  const refresh = (): Promise<void> => (refreshing ??= look())

  return {
    refresh,
    begin() {
      const beganMs = clock.monotonicMs()
      if (beganMs - refreshedMs > refreshMs) void refresh()
      return async () => {
        if (slowestMs === 0) return
        const floorMs = slowestMs * marginFactor + marginMs
        const tookMs = clock.monotonicMs() - beganMs
        await wait(Math.max(1, Math.ceil(tookMs / floorMs)) * floorMs - tookMs)
      }
    },
    verifier: {
      async verifyImported(password, phc) {
        const beganMs = clock.monotonicMs()
        const verdict = await imported.verifyImported(password, phc)
        // A kind that was imported since the last look, or a machine that is busier than it was then.
        const tookMs = Math.min(clock.monotonicMs() - beganMs, slowestMost)
        slowestMs = Math.max(slowestMs, tookMs)
        return verdict
      },
    },
  }
}

/** A hash of the same kind that no password fits. */
function likeOf(kind: string): string {
  if (kind.startsWith('$2')) return `${kind}$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW`
  const zeros = (bytes: number) => Buffer.alloc(bytes).toString('base64').replaceAll('=', '')
  return `${kind}$${zeros(16)}$${zeros(32)}`
}
