import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { tokenField } from './field.ts'

/** `POST /v1/email-verifications`: confirm the address of a registration; this makes the account. */
export const verifyEmail = defineEndpoint({
  method: 'POST',
  path: '/v1/email-verifications',
  name: 'verifyEmail',
  summary: 'Confirm an e-mail address with the mailed token',
  body: z.strictObject({ token: tokenField }),
  answers: { 204: null },
  refusals: ['token_invalid'],
})
