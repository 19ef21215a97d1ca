import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { codeField } from './field.ts'
import { loggedInSchema } from './session.ts'

const backupCodesField = z.array(z.string()).meta({
  description: 'Ten codes, each good once, in place of a code. Shown now and never again.',
  examples: [['0-7KQ2-M3XN-9RTB-4HZD', '1-C5WV-8JGP-2FYA-6SEK']],
})

/** `POST /v1/sessions/two-factor`: the second step of a login. */
export const completeSecondFactor = defineEndpoint({
  method: 'POST',
  path: '/v1/sessions/two-factor',
  name: 'completeSecondFactor',
  group: 'Sessions',
  summary: 'Log in: the second step',
  description:
    'Takes the challenge of the first step, and a code or a backup code. Each code opens once; wrong ones are counted before ' +
    'they are verified, and waits grow. A challenge lives 5 minutes.',
  body: z.strictObject({
    challenge: z
      .string()
      .min(1, 'must not be empty')
      .max(200, 'must have at most 200 characters')
      .meta({ description: 'From the first step.', examples: ['pch_mVw0sX4c2k9B7yTqLr5eJH1dZp8uNa3fGo6iYxKtQbE'] }),
    code: codeField,
  }),
  ratePolicy: 'code',
  answers: { 201: loggedInSchema },
  refusals: ['login_refused', 'rate_limited', 'cross_site_refused'],
})

/** `POST /v1/account/two-factor`: begin an enrolment. */
export const beginTwoFactor = defineEndpoint({
  method: 'POST',
  path: '/v1/account/two-factor',
  name: 'beginTwoFactor',
  group: 'Two-factor',
  summary: 'Begin to enrol an authenticator app',
  description:
    'Gives the secret as text, as URI and as QR picture, once. Nothing changes until a valid code confirms it, within 10 minutes.',
  access: { kind: 'session', proof: true },
  answers: {
    201: z
      .strictObject({
        secret: z.string().meta({ description: 'Base32, for typing.', examples: ['JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'] }),
        otpauthUri: z.string().meta({
          description: 'What the picture holds.',
          examples: [
            'otpauth://totp/Acme:ada@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme&algorithm=SHA1&digits=6&period=30',
          ],
        }),
        qrSvg: z
          .string()
          .meta({ description: 'The picture as SVG.', examples: ['<svg xmlns="http://www.w3.org/2000/svg"/>'] }),
        qrPng: z.string().meta({ description: 'The picture as PNG, in base64.', examples: ['iVBORw0KGgo='] }),
      })
      .meta({ id: 'TwoFactorEnrolment', description: 'Begun.' }),
  },
  refusals: ['two_factor_is_on', 'cross_site_refused'],
})

/** `PUT /v1/account/two-factor`: confirm it with a first code. */
export const confirmTwoFactor = defineEndpoint({
  method: 'PUT',
  path: '/v1/account/two-factor',
  name: 'confirmTwoFactor',
  group: 'Two-factor',
  summary: 'Confirm with a first code',
  description: 'From now on a login asks for a code. Gives ten backup codes, shown once. The owner is told by mail.',
  access: { kind: 'session', proof: true },
  body: z.strictObject({ code: codeField }),
  ratePolicy: 'code',
  answers: {
    200: z
      .strictObject({ backupCodes: backupCodesField })
      .meta({ id: 'BackupCodes', description: 'The backup codes.' }),
  },
  refusals: ['code_refused', 'two_factor_not_begun', 'rate_limited', 'cross_site_refused'],
})

/** `DELETE /v1/account/two-factor`: switch it off. */
export const disableTwoFactor = defineEndpoint({
  method: 'DELETE',
  path: '/v1/account/two-factor',
  name: 'disableTwoFactor',
  group: 'Two-factor',
  summary: 'Switch two-factor off',
  description: 'Takes a current code or a backup code. Admins and support cannot. The owner is told by mail.',
  access: { kind: 'session', proof: true },
  body: z.strictObject({ code: codeField }),
  ratePolicy: 'code',
  answers: { 204: null },
  refusals: ['code_refused', 'two_factor_mandatory', 'rate_limited', 'cross_site_refused'],
})

/** `POST /v1/account/backup-codes`: make new ones. */
export const renewBackupCodes = defineEndpoint({
  method: 'POST',
  path: '/v1/account/backup-codes',
  name: 'renewBackupCodes',
  group: 'Two-factor',
  summary: 'Make new backup codes',
  description: 'The old ones open nothing from then on. The owner is told by mail.',
  access: { kind: 'session', proof: true },
  answers: { 200: confirmTwoFactor.answers[200] },
  refusals: ['two_factor_not_begun', 'rate_limited', 'cross_site_refused'],
})

/** `GET /v1/account/backup-codes`: how many are left. */
export const countBackupCodes = defineEndpoint({
  method: 'GET',
  path: '/v1/account/backup-codes',
  name: 'countBackupCodes',
  group: 'Two-factor',
  summary: 'How many backup codes are left',
  description: 'The codes themselves cannot be shown again.',
  access: { kind: 'session', proof: false, apiKeyScope: 'two-factor:read' },
  answers: {
    200: z
      .strictObject({ left: z.int().meta({ description: 'Unused codes.', examples: [9] }) })
      .meta({ id: 'BackupCodesLeft', description: 'Counted.' }),
  },
  refusals: [],
})
