import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { acceptedSchema, codeField, emailField, passwordField, tokenField } from './field.ts'

/** `POST /v1/password-resets`: ask for a reset mail. Always 202 with the same body; no account is looked up here. */
export const requestPasswordReset = defineEndpoint({
  method: 'POST',
  path: '/v1/password-resets',
  name: 'requestPasswordReset',
  group: 'Passwords',
  summary: 'Ask for a reset mail',
  description:
    'Always 202, with the same body and after the same work: nobody is told whether there is an account. A mail with a link ' +
    'that works once follows where there is one; a newer link voids the older. One address gets only so many mails an hour.',
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
  group: 'Passwords',
  summary: 'Set a new password',
  description:
    'Takes the token of a reset mail, and a code where two-factor is on: a mailbox alone does not open such an account. Every session and every other token of the account ends, and its owner is told by mail. ' +
    'Never logs in. A refused password leaves the token as it was; a wrong, used, expired, older or cut token is answered alike.',
  body: z.strictObject({ token: tokenField, password: passwordField, code: codeField.optional() }),
  answers: { 204: null },
  refusals: ['token_invalid', 'password_refused', 'code_refused', 'rate_limited'],
})
