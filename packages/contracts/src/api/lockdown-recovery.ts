import { z } from 'zod'
import { publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { codeField, passwordField, tokenField } from './field.ts'
import { lockdownItemSchema } from './lockdown-report.ts'
import { lockdownParams } from './lockdown.ts'

const grantField = z
  .string()
  .min(1, 'must not be empty')
  .max(200, 'must have at most 200 characters')
  .meta({
    description: 'From `begin`. Good for an hour.',
    examples: ['pcg_mVw0sX4c2k9B7yTqLr5eJH1dZp8uNa3fGo6iYxKtQbE'],
  })

const decisionSchema = z.strictObject({
  id: publicId('lockdownItem').meta({ description: 'Of an item.', examples: ['itm_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
  decision: z.enum(['keep', 'undo']).meta({ description: 'Keep it, or undo it.', examples: ['undo'] }),
})

/** What a step of a recovery sends. */
export const recoveryStepSchema = z
  .discriminatedUnion('step', [
    z.strictObject({
      step: z.literal('begin').meta({ description: 'Begin, or ask which step is due.' }),
      token: tokenField.optional(),
      grant: grantField.optional(),
    }),
    z.strictObject({
      step: z.literal('password').meta({ description: 'Set the new password.' }),
      grant: grantField,
      password: passwordField,
      code: codeField.optional(),
    }),
    z.strictObject({
      step: z.literal('second_factor').meta({ description: 'Enrol a second factor.' }),
      grant: grantField,
      code: codeField.optional(),
      skip: z
        .literal(true)
        .optional()
        .meta({ description: 'Go on without, where that is allowed.', examples: [true] }),
    }),
    z.strictObject({
      step: z.literal('review').meta({ description: 'Decide on what happened, and finish.' }),
      grant: grantField,
      decisions: z
        .array(decisionSchema)
        .max(500, 'must have at most 500 items')
        .meta({ description: 'Of each item; a suspect one that is left out is undone.', examples: [[]] }),
    }),
  ])
  .meta({ examples: [{ step: 'begin', token: 'mVw0sX4c2k9B7yTqLr5eJH1dZp8uNa3fGo6iYxKtQbE' }] })

/** What a step of a recovery is answered: the stage that is due, and what it needs. */
export const recoveryAnswerSchema = z
  .strictObject({
    stage: z
      .enum(['password', 'second_factor', 'review', 'done'])
      .meta({ description: 'The step that is due.', examples: ['password'] }),
    grant: z
      .string()
      .optional()
      .meta({
        description: 'Goes with every further step. Only in the answer to `begin`.',
        examples: ['pcg_mVw0sX4c2k9B7yTqLr5eJH1dZp8uNa3fGo6iYxKtQbE'],
      }),
    secondFactor: z
      .enum(['code', 'enrol', 'optional'])
      .optional()
      .meta({
        description: '`code`: of the factor that was kept; `enrol`: one must be enrolled; `optional`: one may be.',
        examples: ['code'],
      }),
    secret: z
      .string()
      .optional()
      .meta({ description: 'Base32, for typing.', examples: ['JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'] }),
    otpauthUri: z
      .string()
      .optional()
      .meta({
        description: 'What the picture holds.',
        examples: ['otpauth://totp/Acme:ada@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'],
      }),
    qrSvg: z
      .string()
      .optional()
      .meta({ description: 'The picture as SVG.', examples: ['<svg xmlns="http://www.w3.org/2000/svg"/>'] }),
    qrPng: z
      .string()
      .optional()
      .meta({ description: 'The picture as PNG, in base64.', examples: ['iVBORw0KGgo='] }),
    backupCodes: z
      .array(z.string())
      .optional()
      .meta({
        description: 'Ten new codes, shown once. Those from before open nothing.',
        examples: [['0-7KQ2-M3XN-9RTB-4HZD']],
      }),
    items: z.array(lockdownItemSchema).optional().meta({ description: 'What to look through, at the stage `review`.' }),
    state: z
      .literal('recovered')
      .optional()
      .meta({ description: 'The account is active again.', examples: ['recovered'] }),
  })
  .meta({ id: 'RecoveryAnswer', description: 'The stage that is due now.' })

/** `POST /v1/account/lockdowns/{id}/recovery`: the way back in. */
export const recoverAccount = defineEndpoint({
  method: 'POST',
  path: '/v1/account/lockdowns/{id}/recovery',
  name: 'recoverAccount',
  group: 'Lockdowns',
  summary: 'Recover my account',
  description:
    'In four steps. `begin` takes the token that was mailed to the trusted address and gives a grant. `password` sets a new password, none that the account had before, and takes a ' +
    'code where the second factor was kept: a mailbox alone does not open such an account. `second_factor` enrols one (send neither code nor `skip` for a new secret). ' +
    '`review` decides on what happened, keep or undo; then the account is active. The token is used up when the password is set: ask for a reset mail to get another. ' +
    '`begin` with a grant tells which step is due. It can begin once the credentials are proven dead, which takes less than a second.',
  params: lockdownParams,
  body: recoveryStepSchema,
  answers: { 200: recoveryAnswerSchema },
  refusals: [
    'token_invalid',
    'out_of_order',
    'password_refused',
    'code_refused',
    'two_factor_mandatory',
    'two_factor_not_begun',
    'rate_limited',
  ],
})
