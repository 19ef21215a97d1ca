import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { acceptedSchema, emailField, nameField, passwordField } from './field.ts'

/** `POST /v1/accounts`: register. The answer is the same whether or not the address is free. */
export const registerAccount = defineEndpoint({
  method: 'POST',
  path: '/v1/accounts',
  name: 'registerAccount',
  group: 'Accounts',
  summary: 'Register an account',
  description:
    'The answer is the same whether or not the address is free: a mail tells its owner what happened. ' +
    'There is no account until the link in that mail has been used, within 24 hours. ' +
    'A password that cannot be used is refused with every reason at once.',
  idempotent: true,
  body: z.strictObject({ email: emailField, password: passwordField, name: nameField }),
  answers: { 202: acceptedSchema },
  refusals: ['password_refused', 'idempotency_key_reused', 'rate_limited'],
})
