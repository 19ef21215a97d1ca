import type { WindowRule } from '../throttle/rules.ts'

/** Hours within which the new mailbox must confirm. */
export const changeValidHours = 24

/** Days for which the old mailbox can take a change back, and is the trusted address. */
export const revertDays = 7

/** Requests of one account, and mails to one address, within an hour. */
export const changeRule: WindowRule = { kind: 'window', most: 5, windowSeconds: 3600 }
