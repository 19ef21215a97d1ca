import { z } from 'zod'
import { languages } from '../language.ts'
import { publicId } from '../ids.ts'
import { roles } from '../permission.ts'
import { pageCursorField, pageLimitField, staffReasonField } from './admin-field.ts'
import { apiKeySchema } from './api-key.ts'
import { defineEndpoint } from './endpoint.ts'
import { lineOfText, momentField } from './field.ts'
import { listOf } from './list.ts'
import { lockdownSchema } from './lockdown-report.ts'
import { activitySchema } from './owner.ts'
import { sessionSchema } from './session.ts'
import { sshKeySchema } from './ssh-key.ts'

const group = 'Administration'

const stateField = z.enum(['active', 'locked', 'disabled']).meta({
  description: 'Locked: under a lockdown that its owner has not recovered from. Disabled: by the staff.',
  examples: ['active'],
})
const roleField = z.enum(roles).meta({ description: 'What it may do besides owning itself.', examples: ['member'] })

/** An account as staff find it. */
const foundAccountSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Names the account.', examples: ['acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    email: z.string().meta({ description: 'Where mail goes.', examples: ['ada@example.com'] }),
    name: z.string().meta({ description: 'How mails greet the owner.', examples: ['Ada'] }),
    role: roleField,
    state: stateField,
    twoFactor: z.boolean().meta({ description: 'Whether a second factor is active.', examples: [true] }),
    createdAt: momentField('When the address was confirmed.'),
    lastSeenAt: momentField('When the most recently used of its sessions was used; null: it has none.').nullable(),
  })
  .meta({ id: 'FoundAccount', description: 'An account.' })

const params = z.strictObject({ id: publicId('account') })

/** A network, or one address. */
function isNetwork(text: string): boolean {
  return [z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()].some((form) => form.safeParse(text).success)
}

const sinceField = (description: string) =>
  z.iso
    .datetime({ error: 'must be a moment in UTC: 2026-11-22T09:14:07Z' })
    .optional()
    .meta({ description, examples: ['2026-11-22T00:00:00Z'] })

/** `GET /v1/admin/accounts`: find accounts. */
export const searchAccounts = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/accounts',
  name: 'searchAccounts',
  group,
  summary: 'Search accounts',
  description:
    'What is given must all hold; without anything, all accounts. The newest first, with `emailPrefix` in order of addresses. So that every search is quick, ' +
    'a page looks at 1,000 accounts at most: it may hold fewer than `limit`, or none, while `nextCursor` says that there are more. ' +
    'That somebody searched, and by what, is recorded; not for whom.',
  access: { kind: 'session', proof: false, permission: 'accounts.search' },
  query: z.strictObject({
    id: publicId('account').optional(),
    emailPrefix: lineOfText(254)
      .optional()
      .meta({ description: 'How the address begins, in any spelling.', examples: ['ada@'] }),
    state: stateField.optional(),
    role: roleField.optional(),
    network: z
      .string()
      .max(64, 'must have at most 64 characters')
      .refine(isNetwork, 'must be an address or a network such as 203.0.113.0/24')
      .optional()
      .meta({
        description:
          'Accounts with a session from this network, of those that were not ended; 5,000 such sessions at most.',
        examples: ['203.0.113.0/24'],
      }),
    createdAfter: sinceField('Made then or later.'),
    createdBefore: sinceField('Made before.'),
    limit: pageLimitField,
    cursor: pageCursorField,
  }),
  answers: { 200: listOf('FoundAccounts', foundAccountSchema) },
  refusals: [],
})

const rentalSchema = z
  .strictObject({
    id: z.string().meta({ description: 'The product’s name of the rental.', examples: ['srv-4711'] }),
    host: z.string().meta({ description: 'The server.', examples: ['srv.example.com'] }),
    createdAt: momentField('When it was rented.'),
    lastFetchedAt: momentField('When it last asked for its keys; null: never.').nullable(),
  })
  .meta({ description: 'A server that the account rents.' })

/** `GET /v1/admin/accounts/{id}`: look at one. */
export const inspectAccount = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/accounts/{id}',
  name: 'inspectAccount',
  group,
  summary: 'Inspect an account',
  description:
    'Profile, factors, what is alive of sessions and keys, rented servers, the latest 50 logins and notices, lockdowns. Never a secret. That somebody looked is recorded.',
  access: { kind: 'session', proof: false, permission: 'accounts.inspect' },
  params,
  answers: {
    200: z
      .strictObject({
        ...foundAccountSchema.shape,
        language: z.enum(languages).meta({ description: 'The language of mails.', examples: ['de'] }),
        passwordChangedAt: momentField('When the password was set.'),
        passwordSet: z
          .boolean()
          .meta({ description: 'Whether a password opens it; else a reset is needed.', examples: [true] }),
        twoFactorSince: momentField('When the second factor was confirmed; null: there is none.').nullable(),
        backupCodesLeft: z.int().meta({ description: 'Backup codes that were not used.', examples: [10] }),
        sessions: z.array(sessionSchema).meta({ description: 'Those that are alive: 50 at most.' }),
        apiKeys: z.array(apiKeySchema).meta({ description: 'Those that are alive: 6 at most.' }),
        sshKeys: z.array(sshKeySchema).meta({ description: 'Those that are alive: 3 at most.' }),
        rentals: z.array(rentalSchema).meta({ description: 'The latest 100.' }),
        activity: z.array(activitySchema).meta({ description: 'The latest 50 of 90 days.' }),
        lockdowns: z.array(lockdownSchema).meta({ description: 'The latest 50.' }),
      })
      .meta({ id: 'InspectedAccount', description: 'The account.' }),
  },
  refusals: ['not_found'],
})

/** `PATCH /v1/admin/accounts/{id}`: role and state. */
export const changeAccount = defineEndpoint({
  method: 'PATCH',
  path: '/v1/admin/accounts/{id}',
  name: 'changeAccount',
  group,
  summary: 'Change role or state of an account',
  description:
    '`disabled` ends every session and key at once; `active` lets its owner log in again, and leaves a lockdown to its owner. A role other than member ' +
    'needs a second factor. A role is for admins to give (`accounts.role`); support cannot touch an admin; nobody changes their own account here. The owner is told.',
  access: { kind: 'session', proof: true, permission: 'accounts.disable' },
  params,
  body: z
    .strictObject({
      role: roleField.optional(),
      state: z
        .enum(['active', 'disabled'])
        .optional()
        .meta({ description: 'Only its owner unlocks an account that is locked.', examples: ['disabled'] }),
      reason: staffReasonField,
    })
    .refine(({ role, state }) => role !== undefined || state !== undefined, 'must change the role or the state'),
  answers: { 200: foundAccountSchema },
  refusals: ['not_found', 'own_account', 'account_is_locked', 'two_factor_not_begun', 'cross_site_refused'],
})
