import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { tokenField } from './field.ts'

/** `POST /v1/admin/bootstrap`: the first admin. */
export const bootstrapAdmin = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/bootstrap',
  name: 'bootstrapAdmin',
  group: 'Administration',
  summary: 'Become the first admin',
  description:
    'With the token that `portcullis admin create` has printed for this very address: within an hour, once, in a session with a second factor. The owner is told.',
  access: { kind: 'session', proof: true },
  body: z.strictObject({
    token: tokenField.meta({
      description: 'What `portcullis admin create` has printed.',
      examples: ['mVw0sX4c2k9B7yTqLr5eJH1dZp8uNa3fGo6iYxKtQbE'],
    }),
  }),
  answers: { 204: null },
  refusals: ['second_factor_required', 'token_invalid', 'cross_site_refused'],
})
