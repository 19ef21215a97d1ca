import { z } from 'zod'
import { publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { acceptedSchema, codeField, lineOfText, momentField, passwordField, tokenField } from './field.ts'
import { listOf } from './list.ts'
import { lockdownIdField, lockdownReportSchema, lockdownSchema, reportQuery } from './lockdown-report.ts'

/** Why, in the words of whoever says so. */
export const reasonField = lineOfText(500).meta({
  description: 'Why, in your own words. Shown in the report; never in a mail. No secrets, please.',
  examples: ['My laptop was stolen'],
})

const compromisedSinceField = momentField(
  'Since when somebody else may have been at work: what was made since is suspect. Not in the future. Default: 7 days ago.',
).optional()

/** What every way of locking an account may say. */
export const lockdownFields = { compromisedSince: compromisedSinceField } as const

/** What whoever locked an account is told. */
export const lockdownOpenedSchema = z
  .strictObject({
    id: lockdownIdField,
    state: z.enum(['open', 'contained']).meta({ description: 'Contained: every step is proven.', examples: ['open'] }),
    watchToken: z.string().meta({
      description:
        'Opens the operation that `Location` names, and nothing else: the session that asked is dead from this answer on.',
      examples: ['pcw_mVw0sX4c2k9B7yTqLr5eJH1dZp8uNa3fGo6iYxKtQbE'],
    }),
  })
  .meta({ id: 'LockdownOpened', description: 'Locked. `Location` names the operation that tidies, tells and proves.' })

/** `/{id}` of a lockdown. */
export const lockdownParams = z.strictObject({ id: publicId('lockdown') })

/** `POST /v1/account/lockdowns`: my account is compromised. */
export const lockOwnAccount = defineEndpoint({
  method: 'POST',
  path: '/v1/account/lockdowns',
  name: 'lockOwnAccount',
  group: 'Lockdowns',
  summary: 'Lock my account',
  description:
    'From the answer on nothing that was issued before opens anything, this session included. The steps that follow tidy, tell and prove; watch them ' +
    'with `watchToken`. A session proved within 10 minutes is enough; an older one sends `password` or `code` beside: one factor, so that locking stays easy. ' +
    'A lockdown that is open is joined. The way back is mailed to the trusted address.',
  access: { kind: 'session', proof: false },
  body: z.strictObject({
    reason: reasonField.optional(),
    ...lockdownFields,
    password: passwordField.optional(),
    code: codeField.optional(),
  }),
  answers: { 202: lockdownOpenedSchema },
  refusals: ['reauthentication_required', 'proof_refused', 'rate_limited', 'cross_site_refused'],
})

/** `GET /v1/account/lockdowns`: those of my account. */
export const listLockdowns = defineEndpoint({
  method: 'GET',
  path: '/v1/account/lockdowns',
  name: 'listLockdowns',
  group: 'Lockdowns',
  summary: 'List lockdowns of my account',
  description: 'The newest first, 50 at most.',
  access: { kind: 'session', proof: false },
  answers: { 200: listOf('Lockdowns', lockdownSchema) },
  refusals: [],
})

/** `GET /v1/account/lockdowns/{id}`: one of them. */
export const getLockdown = defineEndpoint({
  method: 'GET',
  path: '/v1/account/lockdowns/{id}',
  name: 'getLockdown',
  group: 'Lockdowns',
  summary: 'Read a lockdown',
  description:
    'Where it stands. While the account is locked no session lives: watch the operation with the `watchToken` then.',
  access: { kind: 'session', proof: false },
  params: lockdownParams,
  answers: { 200: lockdownSchema },
  refusals: ['not_found'],
})

/** `GET /v1/account/lockdowns/{id}/report`: what happened, with the proof of each step. */
export const getLockdownReport = defineEndpoint({
  method: 'GET',
  path: '/v1/account/lockdowns/{id}/report',
  name: 'getLockdownReport',
  group: 'Lockdowns',
  summary: 'Report of a lockdown',
  description:
    'Timeline, steps with their proof, servers that have not confirmed, and what was decided of each item. `?format=html` gives a page for printing.',
  access: { kind: 'session', proof: false },
  params: lockdownParams,
  query: reportQuery,
  page: true,
  answers: { 200: lockdownReportSchema },
  refusals: ['not_found'],
})

/** `POST /v1/lockdown-links`: the button behind a "this wasn't me" link. */
export const useLockdownLink = defineEndpoint({
  method: 'POST',
  path: '/v1/lockdown-links',
  name: 'useLockdownLink',
  group: 'Lockdowns',
  summary: 'Lock by the link of a security mail',
  description:
    'Takes the token of a security mail and locks the account. It can only lock: it shows nothing, logs nobody in and changes no password. Good once, for 7 days; ' +
    'a used, expired, unknown or cut token is answered alike. A second link that locks the same account within 24 hours needs its `password` or a `code` besides, ' +
    'so that a stolen mailbox cannot lock an owner out again and again.',
  body: z.strictObject({
    token: tokenField,
    password: passwordField.optional(),
    code: codeField.optional(),
  }),
  answers: { 202: acceptedSchema },
  refusals: ['token_invalid', 'factor_required', 'rate_limited'],
})
