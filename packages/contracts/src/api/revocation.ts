import { z } from 'zod'
import { publicId } from '../ids.ts'
import { approvalAccountsAbove, revocationKinds, targetStates } from '../revocation.ts'
import { selectorSchema } from '../selector.ts'
import { pageCursorField, pageLimitField, staffReasonField } from './admin-field.ts'
import { defineEndpoint, type Access } from './endpoint.ts'
import { listOf } from './list.ts'
import { revocationReportSchema, revocationSchema, targetSchema } from './revocation-report.ts'

const group = 'Bulk revocation'
const params = z.strictObject({ id: publicId('revocation') })
const reading = { kind: 'session', proof: false, permission: 'revocations.read' } as const satisfies Access
const running = { kind: 'session', proof: true, permission: 'revocations.run' } as const satisfies Access
const moved = ['not_found', 'out_of_order', 'cross_site_refused'] as const

const draftBody = z
  .strictObject({
    selector: selectorSchema,
    kinds: z
      .array(z.enum(revocationKinds, 'must be sessions, apiKeys or sshKeys'))
      .min(1, 'must name at least one')
      .max(revocationKinds.length, 'must name each once')
      .refine((kinds) => new Set(kinds).size === kinds.length, 'must name each once')
      .meta({ description: 'Which credentials of theirs are ended.', examples: [['sessions']] }),
    reason: staffReasonField,
    fence: z
      .boolean()
      .optional()
      .meta({
        description:
          'Raise the fence of the house when it starts: one write, and every credential that was issued before is refused at the next request, ' +
          'also those of accounts made since the draft. Only for everyone and all kinds. It cannot be cancelled once started, but undone.',
        examples: [false],
      }),
    ratePerSecond: z
      .int('must be a whole number')
      .min(1, 'must be at least 1')
      .max(1_000_000, 'must be at most 1,000,000')
      .optional()
      .meta({ description: 'Credentials at most in a second. Absent: as fast as logins allow.', examples: [2000] }),
    includeOwnSession: z
      .boolean()
      .optional()
      .meta({ description: 'End the session that drafts it, too; else it is spared.', examples: [false] }),
  })
  .superRefine(({ fence, selector, kinds }, context) => {
    if (!fence || (selector.everyone && kinds.length === revocationKinds.length)) return
    const message = 'voids every credential of everyone: only with {"everyone": true} and all kinds'
    context.addIssue({ code: 'custom', message, input: fence, path: ['fence'] })
  })

/** `POST /v1/admin/revocations`: say whom, and see how many. */
export const draftRevocation = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/revocations',
  name: 'draftRevocation',
  group,
  summary: 'Draft a bulk revocation',
  description:
    'A dry run: counts exactly, and freezes the accounts that the selector names at this moment as targets. Nothing is revoked before it is started; ' +
    `above ${approvalAccountsAbove.toLocaleString('en')} accounts a second admin must approve it. A draft can be started within 24 hours.`,
  access: { kind: 'session', proof: true, permission: 'revocations.draft' },
  idempotent: true,
  bodyBytesMost: 600_000,
  body: draftBody,
  answers: { 201: revocationSchema },
  refusals: ['idempotency_key_reused', 'cross_site_refused'],
})

/** `GET /v1/admin/revocations`: the newest first. */
export const listRevocations = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/revocations',
  name: 'listRevocations',
  group,
  summary: 'All bulk revocations',
  description: 'The newest first, without their samples.',
  access: reading,
  query: z.strictObject({ limit: pageLimitField, cursor: pageCursorField }),
  answers: { 200: listOf('RevocationList', revocationSchema) },
  refusals: [],
})

/** `GET /v1/admin/revocations/{id}`. */
export const getRevocation = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/revocations/{id}',
  name: 'getRevocation',
  group,
  summary: 'How far a bulk revocation has come',
  description: 'Counts, progress, speed. The operation of `operationId` tells the same as server-sent events.',
  access: reading,
  params,
  answers: { 200: revocationSchema },
  refusals: ['not_found'],
})

/** `POST /v1/admin/revocations/{id}/approval`. */
export const approveRevocation = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/revocations/{id}/approval',
  name: 'approveRevocation',
  group,
  summary: 'Approve what another admin has drafted',
  description: 'Never by whoever drafted it. Approved twice is approved.',
  access: { kind: 'session', proof: true, permission: 'revocations.approve' },
  params,
  answers: { 200: revocationSchema },
  refusals: ['not_allowed', ...moved],
})

/** `POST /v1/admin/revocations/{id}/start`. */
export const startRevocation = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/revocations/{id}/start',
  name: 'startRevocation',
  group,
  summary: 'Start a bulk revocation',
  description:
    'The frozen accounts are worked off: their living credentials of these kinds that were issued before this moment. Whoever logs in anew afterwards is through with it. Each owner is told once.',
  access: running,
  params,
  answers: { 200: revocationSchema },
  refusals: moved,
})

/** `POST /v1/admin/revocations/{id}/pause`. */
export const pauseRevocation = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/revocations/{id}/pause',
  name: 'pauseRevocation',
  group,
  summary: 'Pause a bulk revocation',
  description: 'From the answer on nothing more is revoked until it is resumed.',
  access: running,
  params,
  answers: { 200: revocationSchema },
  refusals: moved,
})

/** `POST /v1/admin/revocations/{id}/resume`. */
export const resumeRevocation = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/revocations/{id}/resume',
  name: 'resumeRevocation',
  group,
  summary: 'Resume a bulk revocation',
  description: 'It goes on exactly where it was.',
  access: running,
  params,
  answers: { 200: revocationSchema },
  refusals: moved,
})

/** `POST /v1/admin/revocations/{id}/cancel`. */
export const cancelRevocation = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/revocations/{id}/cancel',
  name: 'cancelRevocation',
  group,
  summary: 'Cancel a bulk revocation',
  description:
    'From the answer on nothing more is revoked. What was revoked stays so, and can be undone. One whose fence was raised is over for everybody already: let it finish, then undo it.',
  access: running,
  params,
  answers: { 200: revocationSchema },
  refusals: moved,
})

/** `POST /v1/admin/revocations/{id}/undo`. */
export const undoRevocation = defineEndpoint({
  method: 'POST',
  path: '/v1/admin/revocations/{id}/undo',
  name: 'undoRevocation',
  group,
  summary: 'Undo a bulk revocation',
  description:
    'Within 24 hours of its end. Brings back what this job revoked, and nothing that has run out since, that its owner or somebody else ended since, ' +
    'whose account is not active or was fenced, or for which there is no room any more.',
  access: running,
  params,
  answers: { 200: revocationSchema },
  refusals: moved,
})

/** `GET /v1/admin/revocations/{id}/targets`. */
export const listRevocationTargets = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/revocations/{id}/targets',
  name: 'listRevocationTargets',
  group,
  summary: 'What became of each target',
  description: 'By account id.',
  access: reading,
  params,
  query: z.strictObject({
    state: z
      .enum(targetStates)
      .optional()
      .meta({ description: 'Only these.', examples: ['failed'] }),
    limit: pageLimitField,
    cursor: pageCursorField,
  }),
  answers: { 200: listOf('RevocationTargetList', targetSchema) },
  refusals: ['not_found'],
})

/** `GET /v1/admin/revocations/{id}/report`. */
export const getRevocationReport = defineEndpoint({
  method: 'GET',
  path: '/v1/admin/revocations/{id}/report',
  name: 'getRevocationReport',
  group,
  summary: 'Report of a bulk revocation',
  description:
    'Who said what, when, and what it came to. `format=html`: a page for printing. `format=csv`: one line for each target.',
  access: reading,
  params,
  page: true,
  csv: true,
  query: z.strictObject({
    format: z
      .enum(['json', 'html', 'csv'], 'must be json, html or csv')
      .optional()
      .meta({ description: 'JSON if absent.', examples: ['csv'] }),
  }),
  answers: { 200: revocationReportSchema },
  refusals: ['not_found'],
})
