import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { tokenField } from './field.ts'

/** `POST /v1/email-verifications`: confirm the address of a registration; this makes the account. */
export const verifyEmail = defineEndpoint({
  method: 'POST',
  path: '/v1/email-verifications',
  name: 'verifyEmail',
  group: 'Accounts',
  summary: 'Confirm an e-mail address',
  description:
    'Takes the token of a registration mail and makes the account. A token works once; a wrong, used, expired or cut one ' +
    'is answered alike.',
  body: z.strictObject({ token: tokenField }),
  answers: { 204: null },
  refusals: ['token_invalid'],
})
