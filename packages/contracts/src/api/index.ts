import { registerAccount } from './account.ts'
import { verifyEmail } from './email-verification.ts'
import { completePasswordReset, requestPasswordReset } from './password-reset.ts'

/** Every call of the HTTP surface. The gateway must mount each, and mounts nothing else. */
export const endpoints = { registerAccount, verifyEmail, requestPasswordReset, completePasswordReset } as const

/** Name of a call. */
export type EndpointName = keyof typeof endpoints
