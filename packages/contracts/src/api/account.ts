import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { acceptedSchema, emailField, lineOfText, passwordField } from './field.ts'

/** `POST /v1/accounts`: register. The answer is the same whether or not the address is free. */
export const registerAccount = defineEndpoint({
  method: 'POST',
  path: '/v1/accounts',
  name: 'registerAccount',
  summary: 'Register an account; a mail tells the owner of the address what happened',
  idempotent: true,
  body: z.strictObject({ email: emailField, password: passwordField, name: lineOfText(100) }),
  answers: { 202: acceptedSchema },
  refusals: ['password_refused', 'idempotency_key_reused'],
})
