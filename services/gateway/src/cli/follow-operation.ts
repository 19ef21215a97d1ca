import { setTimeout as wait } from 'node:timers/promises'
import { operationSchema } from '@portcullis/contracts/api/operation'
import type { Secret } from '@portcullis/runtime/secret'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { z } from 'zod'
import { exitCodes, Refused } from './ending.ts'

/** Long work as the gateway tells of it. */
export type WatchedOperation = z.output<typeof operationSchema>

/** What is watched, and by whom. */
export interface FollowOptions {
  readonly baseUrl: string
  readonly token: Secret
  /** `opn_…` */
  readonly operationId: string
  /** Attempts to open the stream anew, one after another without an event, before it is given up. Default 30. */
  readonly attemptsMost?: number
  /** Wait between them. Default 1,000 ms. */
  readonly retryMs?: number
}

const overStates: ReadonlySet<WatchedOperation['status']> = new Set(['done', 'failed', 'cancelled'])

/**
 * Yields how an operation stands, at once and whenever that changes, until it is over. A line that is cut is opened again after the
 * last event. Throws `Refused` where it may not be watched, or the gateway stays away.
 */
export async function* followOperation(options: FollowOptions): AsyncGenerator<WatchedOperation> {
  const { attemptsMost = 30, retryMs = 1000 } = options
  const place = { lastEventId: '', attempts: 0 }
  for (; place.attempts < attemptsMost; place.attempts += 1) {
    const last = yield* followOnce(options, place)
    if (last !== undefined && overStates.has(last.status)) return
    await wait(retryMs)
  }
  throw new Refused(
    'gateway_away',
    'The gateway does not answer any more. The work goes on without this command.',
    exitCodes.away,
  )
}

/** Until the line is cut, the stream ends, or the work is over. Gives what came last. */
async function* followOnce(
  options: FollowOptions,
  place: { lastEventId: string; attempts: number },
): AsyncGenerator<WatchedOperation, WatchedOperation | undefined> {
  let last: WatchedOperation | undefined
  try {
    for await (const event of await openStream(options, place.lastEventId)) {
      place.attempts = 0
      place.lastEventId = event.id ?? place.lastEventId
      last = operationSchema.parse(JSON.parse(event.data))
      yield last
      if (overStates.has(last.status)) break
    }
  } catch (error) {
    if (error instanceof Refused) throw error
  }
  return last
}

async function openStream({ baseUrl, token, operationId }: FollowOptions, lastEventId: string) {
  const answer = await fetch(`${baseUrl}/v1/operations/${operationId}/events`, {
    redirect: 'error',
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${token.reveal()}`,
      ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
    },
  })
  if (answer.status === 429 || answer.status >= 500) throw new Error(`answered ${answer.status}`)
  if (!answer.ok || !answer.body)
    throw new Refused('not_watched', `The operation cannot be watched: the gateway answered ${answer.status}.`)
  return answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
}
