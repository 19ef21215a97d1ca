import { z } from 'zod'
import { idPrefixes, publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { codeField, deviceNameField, emailField, momentField, passwordField } from './field.ts'
import { listOf } from './list.ts'

/** A session as its owner sees it. Never its token. */
export const sessionSchema = z
  .strictObject({
    id: z.string().meta({
      description: 'Names the session.',
      examples: [`${idPrefixes.session}_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f`],
    }),
    deviceName: z
      .string()
      .nullable()
      .meta({ description: 'What its owner called the device.', examples: ['Work laptop'] }),
    device: z.string().meta({ description: 'What the user agent tells.', examples: ['Firefox on Linux'] }),
    location: z.string().meta({ description: 'Approximate, from a table of registries.', examples: ['Germany'] }),
    secondFactor: z.boolean().meta({ description: 'Whether a second factor was proved.', examples: [true] }),
    createdAt: momentField('When it was made.'),
    lastSeenAt: momentField('When it was last used, to the minute.'),
    provedAt: momentField('When its owner last proved to be there.'),
    expiresAt: momentField('When it ends, however active it is.'),
    current: z.boolean().meta({ description: 'Whether it is the one that asks.', examples: [true] }),
  })
  .meta({ id: 'Session', description: 'A session.' })

/** What a good login gives: the token, unless it came as a cookie, and the session. */
export const loggedInSchema = z
  .strictObject({
    token: z
      .string()
      .optional()
      .meta({
        description: 'Opens the session: `Authorization: Bearer …`. Shown once; absent when it came as a cookie.',
        examples: ['pcs_mVw0sX4c2k9B7yTqLr5eJH1dZp8uNa3fGo6iYxKtQbE'],
      }),
    session: sessionSchema,
  })
  .meta({ id: 'LoggedIn', description: 'Logged in.' })

const challengedSchema = z
  .strictObject({
    mfaRequired: z.literal(true),
    challenge: z.string().meta({
      description: 'To be sent with the code, within 5 minutes.',
      examples: ['pch_mVw0sX4c2k9B7yTqLr5eJH1dZp8uNa3fGo6iYxKtQbE'],
    }),
  })
  .meta({ id: 'Challenged', description: 'The password was right; the second factor is still to come.' })

const cookieField = z
  .boolean()
  .optional()
  .meta({
    description: 'Give the token as the cookie `__Host-portcullis`, and not in the body.',
    examples: [false],
  })

/** `POST /v1/sessions`: log in. */
export const createSession = defineEndpoint({
  method: 'POST',
  path: '/v1/sessions',
  name: 'createSession',
  group: 'Sessions',
  summary: 'Log in',
  description:
    'Counted before anything is verified: 5 wrong passwords are free, then waits grow from 30 seconds to an hour; 30 attempts ' +
    'a minute from one network. An unknown address is answered like a wrong password. A 51st session ends the least recently used.',
  body: z.strictObject({
    email: emailField,
    password: passwordField,
    deviceName: deviceNameField.optional(),
    cookie: cookieField,
  }),
  ratePolicy: 'login',
  answers: { 201: loggedInSchema, 200: challengedSchema },
  refusals: ['login_refused', 'rate_limited', 'cross_site_refused'],
})

/** `GET /v1/account/session`: the session that asks. */
export const getSession = defineEndpoint({
  method: 'GET',
  path: '/v1/account/session',
  name: 'getSession',
  group: 'Sessions',
  summary: 'This session',
  description: 'The session of the credential that is sent. Judged at this moment, in the store; nothing is cached.',
  access: { kind: 'session', proof: false },
  answers: { 200: sessionSchema },
  refusals: [],
})

/** `DELETE /v1/account/session`: log out. */
export const deleteSession = defineEndpoint({
  method: 'DELETE',
  path: '/v1/account/session',
  name: 'deleteSession',
  group: 'Sessions',
  summary: 'Log out',
  description: 'Ends the session that asks: its token is refused from the answer on, everywhere.',
  access: { kind: 'session', proof: false },
  answers: { 204: null },
  refusals: ['cross_site_refused'],
})

/** `POST /v1/account/session/proof`: prove to be there; the token changes. */
export const proveSession = defineEndpoint({
  method: 'POST',
  path: '/v1/account/session/proof',
  name: 'proveSession',
  group: 'Sessions',
  summary: 'Prove that it is you',
  description:
    'Sensitive calls want a proof no older than 10 minutes: the password, and a code where a second factor is enrolled. ' +
    'The token is replaced: the old one is refused from the answer on.',
  access: { kind: 'session', proof: false },
  body: z.strictObject({ password: passwordField, code: codeField.optional() }),
  ratePolicy: 'proof',
  answers: {
    200: z
      .strictObject({ token: loggedInSchema.shape.token })
      .meta({ id: 'Proved', description: 'Proved; the session has a new token.' }),
  },
  refusals: ['proof_refused', 'rate_limited', 'cross_site_refused'],
})

/** `GET /v1/account/sessions`: every living session of the owner. */
export const listSessions = defineEndpoint({
  method: 'GET',
  path: '/v1/account/sessions',
  name: 'listSessions',
  group: 'Sessions',
  summary: 'All sessions',
  description: 'The living ones, the most recently used first; 50 at most, so there is one page.',
  access: { kind: 'session', proof: false, apiKeyScope: 'sessions:read' },
  answers: { 200: listOf('SessionList', sessionSchema) },
  refusals: [],
})

/** `DELETE /v1/account/sessions/{id}`: end one. */
export const revokeSession = defineEndpoint({
  method: 'DELETE',
  path: '/v1/account/sessions/{id}',
  name: 'revokeSession',
  group: 'Sessions',
  summary: 'End a session',
  description: 'A session that is over, unknown or somebody else’s is answered alike.',
  access: { kind: 'session', proof: false },
  params: z.strictObject({ id: publicId('session') }),
  answers: { 204: null },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `DELETE /v1/account/sessions`: end all, or all others. */
export const revokeSessions = defineEndpoint({
  method: 'DELETE',
  path: '/v1/account/sessions',
  name: 'revokeSessions',
  group: 'Sessions',
  summary: 'End all sessions',
  description: 'With `?except=current` the one that asks stays.',
  access: { kind: 'session', proof: false },
  query: z.strictObject({ except: z.literal('current').optional() }),
  answers: {
    200: z
      .strictObject({ revoked: z.int().meta({ description: 'How many were ended.', examples: [3] }) })
      .meta({ id: 'SessionsRevoked', description: 'Ended.' }),
  },
  refusals: ['cross_site_refused'],
})
