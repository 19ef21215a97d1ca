import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { acceptedSchema, emailField, passwordField, tokenField } from './field.ts'

/** `POST /v1/password-resets`: ask for a reset mail. Always 202 with the same body; no account is looked up here. */
export const requestPasswordReset = defineEndpoint({
  method: 'POST',
  path: '/v1/password-resets',
  name: 'requestPasswordReset',
  summary: 'Ask for a password-reset mail',
  idempotent: true,
  body: z.strictObject({ email: emailField }),
  answers: { 202: acceptedSchema },
  refusals: ['idempotency_key_reused'],
})

/** `POST /v1/password-resets/completions`: set the new password. Never logs in. */
export const completePasswordReset = defineEndpoint({
  method: 'POST',
  path: '/v1/password-resets/completions',
  name: 'completePasswordReset',
  summary: 'Set a new password with the mailed token; every session of the account ends',
  body: z.strictObject({ token: tokenField, password: passwordField }),
  answers: { 204: null },
  refusals: ['token_invalid', 'password_refused'],
})
