import { z } from 'zod'
import { publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { emailField, momentField, tokenField } from './field.ts'
import { listOf } from './list.ts'

/** A change of address as its owner sees it. */
const emailChangeSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Names the change.', examples: ['emc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    state: z.enum(['requested', 'confirmed', 'final', 'void', 'reverted']).meta({
      description:
        'Requested: the new mailbox has not confirmed. Confirmed: in force, and the old mailbox can still take it back. Final: nobody can any more. ' +
        'Void: never came about. Reverted: the old address is back.',
      examples: ['requested'],
    }),
    email: z.string().meta({ description: 'The new address.', examples: ['ada@example.org'] }),
    requestedAt: momentField('When it was asked for.'),
    expiresAt: momentField('Until when the new mailbox can confirm.'),
    confirmedAt: momentField('When the new mailbox confirmed.').nullable(),
    revertUntil: momentField(
      'Until when the old mailbox can take it back, and mail about security goes there.',
    ).nullable(),
    endedAt: momentField('When it became final, void or reverted.').nullable(),
  })
  .meta({ description: 'A change of address.' })

/** What whoever asked for a change is told: the same whether or not the address has an account. */
const emailChangeRequestedSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Names the change.', examples: ['emc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    state: z.literal('requested').meta({ description: 'The new mailbox has not confirmed.', examples: ['requested'] }),
    expiresAt: momentField('Until when the new mailbox can confirm.'),
  })
  .meta({ id: 'EmailChangeRequested', description: 'Taken. What follows, follows by mail.' })

/** `POST /v1/account/email-changes`: have another address. */
export const requestEmailChange = defineEndpoint({
  method: 'POST',
  path: '/v1/account/email-changes',
  name: 'requestEmailChange',
  group: 'Account',
  summary: 'Ask for another address',
  description:
    'Mails a link to the new address, good once within 24 hours, and tells the old one. Nothing changes until the link is used. The answer is the same whether or not ' +
    'the address has an account; if it has, only its owner is told. A newer request takes the place of one that is open. For 7 days after a change the old mailbox ' +
    'can take it back, and no other change is taken.',
  access: { kind: 'session', proof: true },
  body: z.strictObject({ email: emailField }),
  idempotent: true,
  answers: { 202: emailChangeRequestedSchema },
  refusals: ['cooling_down', 'rate_limited', 'idempotency_key_reused', 'cross_site_refused'],
})

/** `GET /v1/account/email-changes`: changes of address, open and past. */
export const listEmailChanges = defineEndpoint({
  method: 'GET',
  path: '/v1/account/email-changes',
  name: 'listEmailChanges',
  group: 'Account',
  summary: 'List changes of my address',
  description: 'The newest first, 20 at most. One that is over is kept for about 30 days.',
  access: { kind: 'session', proof: false },
  answers: { 200: listOf('EmailChanges', emailChangeSchema) },
  refusals: [],
})

/** `DELETE /v1/account/email-changes/{id}`: take back one that is not confirmed. */
export const withdrawEmailChange = defineEndpoint({
  method: 'DELETE',
  path: '/v1/account/email-changes/{id}',
  name: 'withdrawEmailChange',
  group: 'Account',
  summary: 'Take a request for another address back',
  description:
    'Its link is void from the answer on. One that was confirmed can only be taken back from the old mailbox.',
  access: { kind: 'session', proof: false },
  params: z.strictObject({ id: publicId('emailChange') }),
  answers: { 204: null },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `POST /v1/email-changes/confirmations`: the new mailbox confirms. */
export const confirmEmailChange = defineEndpoint({
  method: 'POST',
  path: '/v1/email-changes/confirmations',
  name: 'confirmEmailChange',
  group: 'Account',
  summary: 'Confirm another address',
  description:
    'Takes the token that was mailed to the new address and puts the address in force. Every session ends, and reset links are void; both addresses are told. ' +
    'A used, expired, unknown or cut token, and one that a newer request, a lockdown or another account of that address has overtaken, is answered alike.',
  body: z.strictObject({ token: tokenField }),
  answers: { 204: null },
  refusals: ['token_invalid'],
})

/** `POST /v1/email-changes/reversions`: the old mailbox takes the change back. */
export const revertEmailChange = defineEndpoint({
  method: 'POST',
  path: '/v1/email-changes/reversions',
  name: 'revertEmailChange',
  group: 'Account',
  summary: 'Take a change of address back',
  description:
    'Takes the token that was mailed to the old address. The old address is back at once and the account is locked, as whoever changed it was inside; the way back in is ' +
    'mailed to the old address. Good once, for 7 days; any token that does not work is answered alike.',
  body: z.strictObject({ token: tokenField }),
  answers: { 204: null },
  refusals: ['token_invalid'],
})
