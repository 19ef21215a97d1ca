import { type MessageName, messages } from '@portcullis/contracts/messages/index'
import type { Message } from '@portcullis/contracts/messages/message'
import type { Service } from '@portcullis/contracts/service'

/** The services that hear anything: each has a queue. */
export const queueNames: readonly Service[] = [
  ...new Set(Object.values<Message>(messages).flatMap((message) => message.heardBy)),
]

/** Why a queue cannot be paused so; `undefined`: it can. */
export type PauseFault = 'not_heard' | 'never_paused'

/** Judges whether a message of a queue, or all of it, may be paused. */
export function pauseFault(queue: Service, message: MessageName | undefined): PauseFault | undefined {
  if (message === undefined) return undefined
  const traits: Message = messages[message]
  if (!traits.heardBy.includes(queue)) return 'not_heard'
  return traits.neverPaused ? 'never_paused' : undefined
}

/**
 * Whether a lockdown would stand still, or its owner not be told: such a pause is critical, and support is told of it whoever
 * makes it.
 */
export function isNeededByLockdowns(queue: Service, message: MessageName | undefined): boolean {
  if (queue === 'lockdown') return true
  return queue === 'notifier' && (message === undefined || message === 'send.notice')
}
