import { Failure } from '@portcullis/contracts/errors'
import { asId, formatId, type Id } from '@portcullis/contracts/ids'
import { makeWatchToken } from '@portcullis/domain/lockdown/watch-token'
import type { Clock } from '@portcullis/runtime/clock'
import type { Answer } from '../../http/mount.ts'

/** What is kept of an opened lockdown for a repeat; nothing of it is secret. */
export interface OpenedLockdownAnswer extends Record<string, unknown> {
  readonly id: Id<'lockdown'>
  readonly state: string
}

/** The answer to whoever locked an account. The watch token is made anew each time: it is stored nowhere. */
export function answerOpened(watchKeys: readonly [Uint8Array, ...Uint8Array[]], opened: OpenedLockdownAnswer): Answer {
  const operation = asId('operation', opened.id)
  return {
    status: 202,
    body: {
      id: formatId('lockdown', opened.id),
      state: opened.state,
      watchToken: makeWatchToken(watchKeys[0], operation),
    },
    location: `/v1/operations/${formatId('operation', operation)}`,
  }
}

/** Since when somebody may have been at work: never in the future, which would call nothing suspect. */
export function readCompromisedSince(text: string | undefined, clock: Clock): Date | null {
  if (text === undefined) return null
  const since = new Date(text)
  if (since.getTime() <= clock.now().getTime()) return since
  const fault = { pointer: '/compromisedSince', code: 'in_the_future', detail: 'must not be in the future' }
  throw new Failure('validation_failed', { faults: [fault] })
}
