import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { momentField, tokenField } from './field.ts'

/** Where the closing of an account stands. */
const closingSchema = z
  .strictObject({
    state: z.enum(['pending', 'kept', 'held', 'closed']).meta({
      description:
        'Pending: it is closed when it is due. Kept: its owner thought otherwise. Held: a lockdown, or staff, stopped it; it may be asked for anew. ' +
        'Closed: nothing opens it any more.',
      examples: ['pending'],
    }),
    requestedAt: momentField('When it was asked for.'),
    dueAt: momentField('Until when the account works, and can be kept.'),
    endedAt: momentField('When it was kept or held.').nullable(),
  })
  .meta({ id: 'AccountClosing', description: 'The closing of an account.' })

/** `DELETE /v1/account`: close my account. */
export const closeAccount = defineEndpoint({
  method: 'DELETE',
  path: '/v1/account',
  name: 'closeAccount',
  group: 'Account',
  summary: 'Close my account',
  description:
    'Begins a grace period, 14 days unless this server was set up otherwise. So long everything works as before and the account can be kept. The owner is told at the trusted ' +
    'address, with a link that keeps the account and one that locks it. Then nothing opens it any more, keys are withdrawn from rented servers, all that is personal is ' +
    'erased and the audit trail made pseudonymous. A lockdown holds it, so that no intruder erases what they did. Asked for again, it is the same.',
  access: { kind: 'session', proof: true },
  answers: { 202: closingSchema },
  refusals: ['cooling_down', 'staff_account', 'cross_site_refused'],
})

/** `GET /v1/account/closing`: where it stands. */
export const getClosing = defineEndpoint({
  method: 'GET',
  path: '/v1/account/closing',
  name: 'getClosing',
  group: 'Account',
  summary: 'Where the closing stands',
  description: 'The latest that was asked for. None ever: `not_found`.',
  access: { kind: 'session', proof: false },
  answers: { 200: closingSchema },
  refusals: ['not_found'],
})

/** `POST /v1/account/closing/cancellation`: keep my account. */
export const cancelClosing = defineEndpoint({
  method: 'POST',
  path: '/v1/account/closing/cancellation',
  name: 'cancelClosing',
  group: 'Account',
  summary: 'Keep my account',
  description: 'Ends a closing that is pending. Nothing of the account is changed by it.',
  access: { kind: 'session', proof: false },
  answers: { 204: null },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `POST /v1/account-closings/cancellations`: keep an account by the mailed link. */
export const keepAccount = defineEndpoint({
  method: 'POST',
  path: '/v1/account-closings/cancellations',
  name: 'keepAccount',
  group: 'Account',
  summary: 'Keep an account by the link of its mail',
  description:
    'Takes the token that was mailed when the closing was asked for. It can only keep the account: it shows nothing and logs nobody in. A used, late, unknown or cut token is ' +
    'answered alike.',
  body: z.strictObject({ token: tokenField }),
  answers: { 204: null },
  refusals: ['token_invalid'],
})
