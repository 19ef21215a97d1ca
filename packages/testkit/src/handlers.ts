import { messages } from '@portcullis/contracts/messages/index'
import type { Message } from '@portcullis/contracts/messages/message'
import type { HandlersFor } from '@portcullis/queue/handler'
import { done, type Outcome } from '@portcullis/queue/outcome'

/** The notifier's handlers as a test wants them; those not given end every job well and do nothing. */
export function makeHandlers(given: Partial<HandlersFor<'notifier'>> = {}): HandlersFor<'notifier'> {
  return {
    'registration.requested': { kind: 'transaction', work: allDone },
    'send.notice': { kind: 'transaction', work: allDone },
    'deliver.webhook': { kind: 'transaction', work: allDone },
    'email.changing': { kind: 'transaction', work: allDone },
    'tell.support': { kind: 'transaction', work: allDone },
    ...given,
  }
}

/** The sweeper's, likewise. */
export function makeSweeperHandlers(given: Partial<HandlersFor<'sweeper'>> = {}): HandlersFor<'sweeper'> {
  const heard = Object.values<Message>(messages).filter(({ heardBy }) => heardBy.includes('sweeper'))
  const idle = heard.map(({ name }) => [name, { kind: 'transaction', work: allDone }])
  // Guarantee: one for each message that the sweeper hears, by the very list that the type is made of.
  return { ...Object.fromEntries(idle), ...given } as HandlersFor<'sweeper'>
}

async function allDone(_tx: unknown, jobs: readonly unknown[]): Promise<Outcome[]> {
  return jobs.map(() => done)
}
