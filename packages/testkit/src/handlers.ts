import type { HandlersFor } from '@portcullis/queue/handler'
import { done, type Outcome } from '@portcullis/queue/outcome'

/** The notifier's handlers as a test wants them; those not given end every job well and do nothing. */
export function makeHandlers(given: Partial<HandlersFor<'notifier'>> = {}): HandlersFor<'notifier'> {
  return {
    'registration.requested': { kind: 'transaction', work: allDone },
    'send.notice': { kind: 'transaction', work: allDone },
    'purge.expired': { kind: 'transaction', work: allDone },
    ...given,
  }
}

async function allDone(_tx: unknown, jobs: readonly unknown[]): Promise<Outcome[]> {
  return jobs.map(() => done)
}
