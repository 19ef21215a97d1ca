import { z } from 'zod'
import { languages } from '../language.ts'
import { type NoticeKind, noticeKinds } from '../notice-kind.ts'
import { defineEndpoint } from './endpoint.ts'
import { momentField, nameField, passwordField } from './field.ts'
import { listOf } from './list.ts'

const languageField = z.enum(languages).meta({ description: 'The language of mails.', examples: ['de'] })

/** An account as its owner sees it. */
const accountSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Names the account.', examples: ['acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    email: z.string().meta({ description: 'Where mail goes.', examples: ['ada@example.com'] }),
    name: z.string().meta({ description: 'How mails greet the owner.', examples: ['Ada'] }),
    language: languageField,
    role: z.enum(['member', 'support', 'admin']),
    state: z.enum(['active', 'locked', 'disabled']),
    twoFactor: z.boolean().meta({ description: 'Whether a second factor is active.', examples: [true] }),
    passwordChangedAt: momentField('When the password was set.'),
    createdAt: momentField('When the address was confirmed.'),
  })
  .meta({ id: 'Account', description: 'The account.' })

/** `GET /v1/account`: the owner's account. */
export const getAccount = defineEndpoint({
  method: 'GET',
  path: '/v1/account',
  name: 'getAccount',
  group: 'Account',
  summary: 'My account',
  description: 'Never a secret, nor anything a secret could be made of.',
  access: { kind: 'session', proof: false, apiKeyScope: 'account:read' },
  answers: { 200: accountSchema },
  refusals: [],
})

/** `PATCH /v1/account`: rename, or choose the language of mails. */
export const renameAccount = defineEndpoint({
  method: 'PATCH',
  path: '/v1/account',
  name: 'renameAccount',
  group: 'Account',
  summary: 'Change the name or the language',
  description:
    'How mails greet the owner, and in which language. At least one is given; nothing else can be changed here.',
  access: { kind: 'session', proof: false },
  body: z
    .strictObject({ name: nameField.optional(), language: languageField.optional() })
    .refine(
      ({ name, language }) => name !== undefined || language !== undefined,
      'must change the name or the language',
    ),
  answers: { 200: accountSchema },
  refusals: ['cross_site_refused'],
})

/** `POST /v1/account/password`: change the password. */
export const changePassword = defineEndpoint({
  method: 'POST',
  path: '/v1/account/password',
  name: 'changePassword',
  group: 'Passwords',
  summary: 'Change the password',
  description:
    'The current one is needed, and counted before it is verified. Every other session ends, mailed links are void, and the ' +
    'owner is told by mail.',
  access: { kind: 'session', proof: false },
  body: z.strictObject({ currentPassword: passwordField, newPassword: passwordField }),
  ratePolicy: 'proof',
  answers: { 204: null },
  refusals: ['proof_refused', 'password_refused', 'rate_limited', 'cross_site_refused'],
})

const loginSchema = z
  .strictObject({
    type: z.literal('login'),
    occurredAt: momentField('When.'),
    outcome: z
      .enum(['success', 'wrong_password', 'second_factor_required', 'wrong_code', 'throttled', 'refused'])
      .meta({ description: 'What came of it.' }),
    factors: z.string().meta({ description: 'What was proved.', examples: ['password+totp'] }),
    network: z
      .string()
      .nullable()
      .meta({ description: 'Cut to /24 or /48.', examples: ['203.0.113.0/24'] }),
    location: z.string().meta({ description: 'Approximate.', examples: ['Germany'] }),
    device: z.string().meta({ description: 'What the user agent tells.', examples: ['Firefox on Linux'] }),
  })
  .meta({ description: 'An attempt to log in.' })

const noticeSchema = z
  .strictObject({
    type: z.literal('notice'),
    occurredAt: momentField('When.'),
    kind: z
      .enum(noticeKinds as readonly [NoticeKind, ...NoticeKind[]])
      .meta({ description: 'What happened.', examples: ['password_changed'] }),
    security: z.boolean().meta({ description: 'Whether its mail cannot be switched off.', examples: [true] }),
    network: z
      .string()
      .nullable()
      .meta({ description: 'Cut to /24 or /48.', examples: ['203.0.113.0/24'] }),
    location: z.string().meta({ description: 'Approximate.', examples: ['Germany'] }),
    device: z.string().meta({ description: 'What the user agent tells.', examples: ['Firefox on Linux'] }),
  })
  .meta({ description: 'Something that the owner was told of, or could have been.' })

/** What happened in an account: `type` tells the kinds apart. */
export const activitySchema = z.discriminatedUnion('type', [loginSchema, noticeSchema])

/** `GET /v1/account/activity`: login history and security events. */
export const listActivity = defineEndpoint({
  method: 'GET',
  path: '/v1/account/activity',
  name: 'listActivity',
  group: 'Account',
  summary: 'Login history and security events',
  description:
    'Every attempt to log in of the last 90 days whose account was known, and every event that the owner is told of, together, ' +
    'newest first. `type` tells them apart.',
  access: { kind: 'session', proof: false, apiKeyScope: 'activity:read' },
  query: z.strictObject({
    limit: z
      .string()
      .regex(/^([1-9]\d?|1\d\d|200)$/, 'must be a whole number from 1 to 200')
      .transform(Number)
      .optional()
      .meta({ description: 'Entries on a page; 50 if absent.', examples: ['50'] }),
    cursor: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be a nextCursor of an earlier page')
      .optional()
      .meta({ description: '`nextCursor` of the page before.', examples: ['0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
  }),
  answers: { 200: listOf('Activity', activitySchema) },
  refusals: [],
})
