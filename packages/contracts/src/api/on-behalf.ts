import { z } from 'zod'
import { publicId } from '../ids.ts'
import { staffReasonField } from './admin-field.ts'
import { defineEndpoint, type Access } from './endpoint.ts'
import { acceptedSchema } from './field.ts'
import { lockdownFields, lockdownOpenedSchema, lockdownParams, reasonField } from './lockdown.ts'
import { lockdownReportSchema, reportQuery } from './lockdown-report.ts'

const accountParams = z.strictObject({ id: publicId('account') })
const endedSchema = z
  .strictObject({ revoked: z.int().meta({ description: 'How many were ended.', examples: [3] }) })
  .meta({ id: 'AccountSessionsEnded', description: 'Ended.' })

const client = { kind: 'client', scope: 'accounts:write' } as const satisfies Access
const locking = { kind: 'session', proof: true, permission: 'accounts.lock' } as const satisfies Access
const resetting = { kind: 'session', proof: true, permission: 'accounts.reset' } as const satisfies Access
const ending = { kind: 'session', proof: true, permission: 'sessions.end' } as const satisfies Access
const reading = { kind: 'session', proof: false, permission: 'reports.read' } as const satisfies Access

const locked =
  'From the answer on nothing that was issued before opens anything. A lockdown that is open is joined. The operation that `Location` names tidies, tells and proves.'
const mailed = 'Mails the owner a link, as if they had asked for it; for a locked account, the way to recover it.'
const ended = 'Every session of the account is refused from the answer on. The owner is told.'

/** `POST /v1/accounts/{id}/lockdowns`. */
export const lockAccount = defineEndpoint({
  method: 'POST',
  path: '/v1/accounts/{id}/lockdowns',
  name: 'lockAccount',
  group: 'Accounts',
  summary: 'Lock an account',
  description: locked,
  access: client,
  idempotent: true,
  params: accountParams,
  body: z.strictObject({ reason: reasonField.optional(), ...lockdownFields }),
  answers: { 202: lockdownOpenedSchema },
  refusals: ['not_found', 'idempotency_key_reused'],
})

/** `POST /v1/accounts/{id}/password-resets`. */
export const startAccountReset = defineEndpoint({
  method: 'POST',
  path: '/v1/accounts/{id}/password-resets',
  name: 'startAccountReset',
  group: 'Accounts',
  summary: 'Start a password reset',
  description: mailed,
  access: client,
  idempotent: true,
  params: accountParams,
  answers: { 202: acceptedSchema },
  refusals: ['not_found', 'idempotency_key_reused'],
})

/** `DELETE /v1/accounts/{id}/sessions`. */
export const endAccountSessions = defineEndpoint({
  method: 'DELETE',
  path: '/v1/accounts/{id}/sessions',
  name: 'endAccountSessions',
  group: 'Accounts',
  summary: 'End all sessions of an account',
  description: ended,
  access: client,
  params: accountParams,
  answers: { 200: endedSchema },
  refusals: ['not_found'],
})

/** `POST /v1/admin/accounts/{id}/lockdowns`. */
export const lockAccountAsStaff = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/accounts/{id}/lockdowns',
  name: 'lockAccountAsStaff',
  group: 'Administration',
  summary: 'Lock an account on behalf',
  description: `${locked} Nobody of the staff can unlock it: only its owner recovers it.`,
  access: locking,
  idempotent: true,
  params: accountParams,
  body: z.strictObject({ reason: staffReasonField, ...lockdownFields }),
  answers: { 202: lockdownOpenedSchema },
  refusals: ['not_found', 'idempotency_key_reused', 'cross_site_refused'],
})

/** `POST /v1/admin/accounts/{id}/password-resets`. */
export const startAccountResetAsStaff = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/accounts/{id}/password-resets',
  name: 'startAccountResetAsStaff',
  group: 'Administration',
  summary: 'Start a password reset on behalf',
  description: mailed,
  access: resetting,
  idempotent: true,
  params: accountParams,
  body: z.strictObject({ reason: staffReasonField }),
  answers: { 202: acceptedSchema },
  refusals: ['not_found', 'idempotency_key_reused', 'cross_site_refused'],
})

/** `DELETE /v1/admin/accounts/{id}/sessions`. */
export const endAccountSessionsAsStaff = defineEndpoint({
  method: 'DELETE',
  path: '/v1/admin/accounts/{id}/sessions',
  name: 'endAccountSessionsAsStaff',
  group: 'Administration',
  summary: 'End all sessions of an account on behalf',
  description: ended,
  access: ending,
  params: accountParams,
  body: z.strictObject({ reason: staffReasonField }),
  answers: { 200: endedSchema },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `GET /v1/admin/lockdowns/{id}/report`. */
export const getLockdownReportAsStaff = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/lockdowns/{id}/report',
  name: 'getLockdownReportAsStaff',
  group: 'Administration',
  summary: 'Report of a lockdown',
  description: 'The same report as the owner’s, at any time. `?format=html` gives a page for printing.',
  access: reading,
  params: lockdownParams,
  query: reportQuery,
  page: true,
  answers: { 200: lockdownReportSchema },
  refusals: ['not_found'],
})
