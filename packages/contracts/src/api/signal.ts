import { z } from 'zod'
import { idPrefixes, publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { momentField } from './field.ts'

const signalSchema = z
  .strictObject({
    id: z.string().meta({
      description: 'Names the signal.',
      examples: [`${idPrefixes.riskSignal}_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f`],
    }),
    taken: z.enum(['noted', 'notice', 'step_up', 'lockdown']).meta({
      description:
        'What was done: noted for a later review; the owner told; the owner told and every session asked to prove itself anew; locked down.',
      examples: ['step_up'],
    }),
  })
  .meta({ id: 'RiskSignal', description: 'Taken.' })

/** `POST /v1/signals`: the product reports a risk. */
export const reportSignal = defineEndpoint({
  method: 'POST',
  path: '/v1/signals',
  name: 'reportSignal',
  group: 'API clients',
  summary: 'Report a risk',
  description:
    'A verdict about an account, or a suspicious transaction of it. What follows is this server’s policy, by level: low is noted; medium is told to the ' +
    'owner; high makes every session prove itself again before anything sensitive, and a second high within a day that nobody answered by a proof locks the ' +
    'account down. The same `reference` of the same client is one signal: a repeat is answered as the first, and does nothing.',
  access: { kind: 'client', scope: 'signals:write' },
  idempotent: true,
  body: z.strictObject({
    accountId: publicId('account').meta({ description: 'Whose.' }),
    kind: z.enum(['verdict', 'transaction']).meta({ description: 'What is judged: the account, or one transaction.' }),
    level: z.enum(['low', 'medium', 'high']).meta({ description: 'How bad it looks.', examples: ['high'] }),
    reason: z
      .string()
      .regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'must be a code: 1 to 64 small letters, digits and _ . - after a letter')
      .meta({ description: 'Why: a code of your own. No personal data.', examples: ['impossible_payment'] }),
    reference: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/,
        'must be 1 to 100 letters, digits and . _ : - after a letter or digit',
      )
      .optional()
      .meta({ description: 'Your own name of the transaction or case.', examples: ['pay-4711'] }),
    occurredAt: momentField('When it happened. Not in the future. Default: now.').optional(),
  }),
  answers: { 202: signalSchema },
  refusals: ['not_found', 'already_there', 'idempotency_key_reused'],
})
